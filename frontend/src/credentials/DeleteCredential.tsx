import type { CredentialDetail } from '../api/types';
import { ConfirmDeed } from '../ui/ConfirmDeed';
import { useDeleteCredential } from './queries';
import { UsedBy } from './UsedBy';

interface Props {
  credential: CredentialDetail;
  onDeleted: () => void;
}

/** Deletes it after a question that says which workflows it would be missing in. */
export function DeleteCredential({ credential, onDeleted }: Props) {
  const removal = useDeleteCredential(credential.id);
  const isUsed = credential.used_by.length > 0;
  return (
    <ConfirmDeed
      label="Delete…"
      title={`Delete “${credential.name}”?`}
      yes={isUsed ? 'Delete all the same' : 'Delete'}
      no="Keep it"
      deed={removal}
      onDone={onDeleted}
    >
      {isUsed ? (
        <>
          These workflows name it. Their steps fail without it, until another is chosen there:
          <UsedBy uses={credential.used_by} />
        </>
      ) : (
        'No workflow names it. Its secrets are gone for good.'
      )}
    </ConfirmDeed>
  );
}

import { Text } from '@mantine/core';
import { Link } from 'react-router';
import type { CredentialType } from '../api/types';
import { useSession } from '../session/session';
import { Detail } from '../ui/Detail';
import { CredentialForm } from './CredentialForm';
import classes from './credentials.module.css';
import { useMakeCredential } from './queries';

interface Props {
  types: CredentialType[];
  /** Of which type; one that is not known is asked for first. */
  type: CredentialType | undefined;
  /** Where the link of a type leads, which shows its form. */
  searchOf: (type: string) => string;
  onMade: (id: string) => void;
  onClose: () => void;
}

/** Makes a credential: first its type is chosen, then its form is filled in. */
export function NewCredential({ types, type, searchOf, onMade, onClose }: Props) {
  return (
    <Detail
      what="New credential"
      title={type === undefined ? 'New credential' : `New credential: ${type.label}`}
      facts={type === undefined ? 'For which service, or of which kind?' : type.note}
      onClose={onClose}
    >
      {type === undefined ? (
        <ul className={classes.types}>
          {types.map((each) => (
            <li key={each.type}>
              <Link to={{ search: searchOf(each.type) }}>
                <strong>{each.label}</strong>
                <span className={classes.quiet}>{each.note}</span>
              </Link>
            </li>
          ))}
        </ul>
      ) : (
        <Make key={type.type} type={type} back={searchOf('')} onMade={onMade} />
      )}
    </Detail>
  );
}

interface MakeProps {
  type: CredentialType;
  back: string;
  onMade: (id: string) => void;
}

function Make({ type, back, onMade }: MakeProps) {
  const { workspace } = useSession();
  const save = useMakeCredential(workspace.id, type.type);
  return (
    <>
      <CredentialForm type={type} save={save} onSaved={({ id }) => onMade(id)}>
        <Text size="xs">
          <Link to={{ search: back }} style={{ paddingBlock: 12 }}>
            Another type
          </Link>
        </Text>
      </CredentialForm>
      <Text size="xs" c="var(--ff-muted)">
        It is kept encrypted. Nobody can read its secrets again, not even you.
      </Text>
    </>
  );
}

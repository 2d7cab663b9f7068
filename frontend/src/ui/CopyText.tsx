import { Button, CopyButton } from '@mantine/core';
import { Icon } from './Icon';

/** A button that copies the text, and says that it has. */
export function CopyText({ text }: { text: string }) {
  return (
    <CopyButton value={text}>
      {({ copied, copy }) => (
        <Button
          variant="subtle"
          color="gray"
          size="compact-xs"
          leftSection={<Icon name={copied ? 'check' : 'copy'} size={12} />}
          onClick={copy}
        >
          {copied ? 'Copied' : 'Copy'}
        </Button>
      )}
    </CopyButton>
  );
}

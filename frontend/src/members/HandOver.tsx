import { Button, Code, Group, Modal, Stack, Text } from '@mantine/core';
import { CopyText } from '../ui/CopyText';

interface Props {
  email: string;
  link: string;
  onClose: () => void;
}

/** A link that no mail server sends. A click beside it does not close it: it would be gone. */
export function HandOver({ email, link, onClose }: Props) {
  return (
    <Modal
      opened
      onClose={onClose}
      title="Hand over the link"
      closeOnClickOutside={false}
      size="lg"
    >
      <Stack gap="sm">
        <Text size="sm">
          This installation has no mail server, so no mail is sent. Copy the link now and hand it to{' '}
          {email}: it is shown this once, works once, and for a week.
        </Text>
        <Group gap="xs" wrap="nowrap">
          <Code block style={{ flex: 1, overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>
            {link}
          </Code>
          <CopyText text={link} />
        </Group>
        <Group justify="flex-end">
          <Button onClick={onClose}>I have it</Button>
        </Group>
      </Stack>
    </Modal>
  );
}

import { Button } from '@mantine/core';
import { Suspense, useState } from 'react';
import { useMay } from '../session/session';
import { lazyPage } from '../ui/lazyPage';

const ImportDialog = lazyPage(async () => (await import('./ImportDialog')).ImportDialog);

/** Brings a workflow from elsewhere. */
export function ImportWorkflow() {
  const [isOpen, setOpen] = useState(false);
  if (!useMay('editor')) return null;
  return (
    <>
      <Button variant="default" onClick={() => setOpen(true)}>
        Import
      </Button>
      {isOpen && (
        <Suspense>
          <ImportDialog onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}

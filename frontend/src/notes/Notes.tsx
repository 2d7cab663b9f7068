import { Button, Group, Textarea } from '@mantine/core';
import { useState, type SyntheticEvent } from 'react';
import type { Note } from '../api/types';
import { useMay, useSession } from '../session/session';
import { ConfirmDeed } from '../ui/ConfirmDeed';
import { Icon } from '../ui/Icon';
import { ErrorNotice } from '../ui/Notices';
import { fullTime, shortTime } from '../ui/times';
import { linked } from './linked';
import classes from './Notes.module.css';
import { LONGEST, useAddNote, useDeleteNote, useEditNote, useNotes, type About } from './queries';

/** What people wrote about a run or a workflow, and a form for who may write. */
export function Notes({ about }: { about: About }) {
  const { data: notes, error, refetch } = useNotes(about);
  const mayWrite = useMay('operator');
  const add = useAddNote(about);
  const [isWriting, setWriting] = useState(false);
  const stop = () => setWriting(false);
  // Notes that are there, and what is being written, stay though they cannot be read again.
  if (notes === undefined) {
    return error && <ErrorNotice error={error} onRetry={() => void refetch()} />;
  }
  if (notes.results.length === 0 && !mayWrite) return null;
  return (
    <section className={classes.notes} aria-label="Notes">
      {notes.results.length > 0 && (
        <ul>
          {notes.results.map((note) => (
            <li key={note.id}>
              <Shown about={about} note={note} />
            </li>
          ))}
          {notes.next !== null && <li className={classes.told}>and earlier ones</li>}
        </ul>
      )}
      {isWriting ? (
        <NoteForm label="New note" doing={add} onDone={stop} />
      ) : (
        mayWrite && (
          <Button
            variant="subtle"
            size="compact-sm"
            leftSection={<Icon name="note" size={13} />}
            onClick={() => setWriting(true)}
          >
            Write a note
          </Button>
        )
      )}
    </section>
  );
}

function Shown({ about, note }: { about: About; note: Note }) {
  const { me } = useSession();
  const mayWrite = useMay('operator');
  const isAdmin = useMay('admin');
  const edit = useEditNote(about, note.id);
  const drop = useDeleteNote(about, note.id);
  const [isEditing, setEditing] = useState(false);
  const isOwn = mayWrite && note.author === me.id;
  const stop = () => setEditing(false);
  if (isEditing) return <NoteForm label="Note" text={note.text} doing={edit} onDone={stop} />;
  return (
    <>
      <p className={classes.text}>
        {linked(note.text).map(({ text, isLink }, index) =>
          isLink ? (
            <a key={index} href={text} target="_blank" rel="noopener noreferrer nofollow">
              {text}
            </a>
          ) : (
            text
          ),
        )}
      </p>
      <div className={classes.told}>
        <span>
          {note.author === me.id ? 'You' : note.author_name},{' '}
          <time dateTime={note.created_at} title={fullTime(note.created_at)}>
            {shortTime(note.created_at)}
          </time>
          {note.edited_at !== null && (
            <span title={fullTime(note.edited_at)}> · changed {shortTime(note.edited_at)}</span>
          )}
        </span>
        {isOwn && (
          <Button variant="subtle" size="compact-sm" onClick={() => setEditing(true)}>
            Edit
          </Button>
        )}
        {(isOwn || isAdmin) && (
          <ConfirmDeed
            label="Delete"
            about="this note"
            title="Delete this note?"
            yes="Delete it"
            no="Keep it"
            deed={drop}
          >
            It is gone for all who see this {about.kind}.
          </ConfirmDeed>
        )}
      </div>
    </>
  );
}

interface FormProps {
  label: string;
  text?: string;
  doing: ReturnType<typeof useAddNote>;
  onDone: () => void;
}

function NoteForm({ label, text: before = '', doing, onDone }: FormProps) {
  const [text, setText] = useState(before);

  function send(event: SyntheticEvent) {
    event.preventDefault();
    doing.mutate(text, { onSuccess: onDone });
  }

  return (
    <form noValidate onSubmit={send} className={classes.form}>
      <Textarea
        label={label}
        description="Plain text; addresses become links."
        value={text}
        maxLength={LONGEST}
        autosize
        minRows={2}
        maxRows={10}
        autoFocus
        onChange={(event) => setText(event.currentTarget.value)}
      />
      {doing.error !== null && <ErrorNotice error={doing.error} />}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onDone}>
          Not now
        </Button>
        <Button type="submit" loading={doing.isPending} disabled={text.trim() === ''}>
          Save
        </Button>
      </Group>
    </form>
  );
}

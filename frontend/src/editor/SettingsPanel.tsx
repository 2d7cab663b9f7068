import { useEffect, useRef } from 'react';
import { ParamsForm } from '../params/ParamsForm';
import { paramsOf } from '../params/shape';
import { ToldContext } from '../params/Told';
import { Detail } from '../ui/Detail';
import { useEditing, useEditorState } from './context';
import classes from './editor.module.css';
import { SETTINGS, toldBelow, type Problem } from './problems';
import { settingsSchema, shownSettings, withSettings } from './settings';

interface Props {
  problems: Problem[];
  /** The setting to begin at, as "concurrency.key"; empty for none. */
  at: string;
  onClose: () => void;
}

/** How the workflow as a whole runs, to be changed. */
export function SettingsPanel({ problems, at, onClose }: Props) {
  const { workflow, editor } = useEditing();
  const { graph } = useEditorState();
  const form = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const field = form.current?.querySelector(`[data-path="${at}"]`);
    const input = field?.querySelector<HTMLElement>('input, textarea, [contenteditable="true"]');
    if (input != null) input.focus();
    else form.current?.focus({ preventScroll: true });
  }, [at]);
  const settings = shownSettings(graph);
  const schema = settingsSchema(settings);
  return (
    <Detail
      what="Settings"
      title="Workflow settings"
      facts={<span>{workflow.name}</span>}
      onClose={onClose}
    >
      <div ref={form} className={classes.form} tabIndex={-1}>
        <ToldContext value={toldBelow(SETTINGS, problems)}>
          <ParamsForm
            params={paramsOf(schema, schema)}
            root={schema}
            value={settings}
            onChange={(next) => {
              const changed = Object.keys({ ...settings, ...next }).find(
                (name) => settings[name] !== next[name],
              );
              editor.edit({ label: 'Change settings', kind: `settings ${changed}` }, (before) =>
                withSettings(before, next),
              );
            }}
          />
        </ToldContext>
      </div>
    </Detail>
  );
}

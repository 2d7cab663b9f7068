import { Drawer } from '@mantine/core';
import { MAIN } from '../graph/edits';
import { groupsOf } from '../graph/groups';
import { outline } from '../graph/outline';
import { useEditorState } from './context';
import classes from './Outline.module.css';
import type { Marks } from './flow';

interface Props {
  marks: (id: string) => Marks;
  onShow: (node: string) => void;
  onClose: () => void;
}

/** The graph as a list, to be read and to jump by. */
export function Outline({ marks, onShow, onClose }: Props) {
  const { graph } = useEditorState();
  const entries = outline(graph);
  const groupOf = new Map(
    groupsOf(graph).flatMap(({ name, nodes }) => nodes.map((id) => [id, name] as const)),
  );
  const show = (id: string) => {
    onClose();
    onShow(id);
  };
  return (
    <Drawer opened onClose={onClose} title="Outline" size="sm" returnFocus={false}>
      {entries.length === 0 && <p className={classes.about}>The graph has no node yet.</p>}
      <ol className={classes.list} aria-label="Nodes in the order of flow">
        {entries.map(({ node, leads }, place) => {
          const { label, standing, faults } = marks(node.id);
          const about = [
            label,
            node.disabled && 'disabled',
            standing,
            faults > 0 && 'has faults',
            groupOf.has(node.id) && `in ${groupOf.get(node.id)}`,
          ];
          return (
            <li key={node.id}>
              <button
                type="button"
                data-autofocus={place === 0 || undefined}
                onClick={() => show(node.id)}
              >
                {node.name}
              </button>
              <span className={classes.about}> {about.filter(Boolean).join(', ')}</span>
              {leads.length > 0 && (
                <ul aria-label={`${node.name} leads to`}>
                  {leads.map(({ output, input, to }) => (
                    <li key={`${output} ${input} ${to.id}`}>
                      {output !== MAIN && `${output}: `}
                      <button type="button" onClick={() => show(to.id)}>
                        {to.name}
                      </button>
                      {input !== MAIN && `, ${input}`}
                    </li>
                  ))}
                </ul>
              )}
            </li>
          );
        })}
      </ol>
    </Drawer>
  );
}

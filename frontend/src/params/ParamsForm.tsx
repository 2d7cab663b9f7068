import { Stack } from '@mantine/core';
import type { Json } from '../api/types';
import { ParamField } from './ParamField';
import { isAsked, objectOf, shapeAmong, withMember, type Param, type ParamSchema } from './shape';

interface Props {
  params: Param[];
  root: ParamSchema;
  value: Json;
  /** What is wrong with the parameter at a path such as "rules[1].name", if anything. */
  faultAt: (path: string) => string | undefined;
  /** Where the object stands: empty for a node's params. */
  path?: string;
  onChange: (value: Record<string, Json>) => void;
}

/** A form of the parameters of a node, or of an object within them. */
export function ParamsForm({ params, root, value, faultAt, path = '', onChange }: Props) {
  const members = objectOf(value);
  const pathOf = ({ name }: Param) => (path === '' ? name : `${path}.${name}`);
  const shown = params.filter(
    (param) => isAsked(param, params, members) || faultAt(pathOf(param)) !== undefined,
  );
  return (
    <Stack gap="sm">
      {shown.map((param) => (
        <ParamField
          key={param.name}
          param={{ ...param, shape: shapeAmong(param, params, members) }}
          root={root}
          value={members[param.name]}
          path={pathOf(param)}
          faultAt={faultAt}
          onChange={(member) => onChange(withMember(value, param.name, member))}
        />
      ))}
    </Stack>
  );
}

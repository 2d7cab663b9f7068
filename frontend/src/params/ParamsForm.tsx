import { Stack } from '@mantine/core';
import { useContext } from 'react';
import type { Json } from '../api/types';
import { ParamField } from './ParamField';
import { isAsked, objectOf, shapeAmong, withMember, type Param, type ParamSchema } from './shape';
import { ToldContext, toldWithin } from './Told';

interface Props {
  params: Param[];
  root: ParamSchema;
  value: Json;
  /** Where the object stands: empty for a node's params. */
  path?: string;
  onChange: (value: Record<string, Json>) => void;
}

/** A form of the parameters of a node, or of an object within them. */
export function ParamsForm({ params, root, value, path = '', onChange }: Props) {
  const members = objectOf(value);
  const told = useContext(ToldContext);
  const pathOf = ({ name }: Param) => (path === '' ? name : `${path}.${name}`);
  const shown = params.filter(
    (param) => isAsked(param, params, members) || toldWithin(told, pathOf(param)).length > 0,
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
          onChange={(member) => onChange(withMember(value, param.name, member))}
        />
      ))}
    </Stack>
  );
}

import { Input } from '@mantine/core';
import { useContext, useId } from 'react';
import type { Json } from '../api/types';
import { CaretContext } from '../code/caret';
import { WithCode } from '../ui/WithCode';
import { Conditions } from './Conditions';
import { ExpressionInput } from './ExpressionInput';
import { ExpressionToggle } from './ExpressionToggle';
import { useHandOver } from './handOver';
import { useMapping } from './mapping';
import { CredentialPicker, WorkflowPicker } from './pickers';
import { ListInput } from './ListInput';
import { PairsInput } from './PairsInput';
import { ParamsForm } from './ParamsForm';
import classes from './params.module.css';
import { ToldList, useToldAt } from './Told';
import { ValuesInput } from './ValuesInput';
import { UnreadContext } from './unread';
import { expressionOf, isExpression, paramsOf, type Param, type ParamSchema } from './shape';
import {
  AnyInput,
  ChoiceInput,
  JsonInput,
  NumberInput,
  NumbersInput,
  TextInput,
  TextsInput,
  TickInput,
  TicksInput,
  ZoneInput,
} from './inputs';

export interface FieldProps {
  param: Param;
  root: ParamSchema;
  value: Json;
  path: string;
  /** undefined: as its default says. */
  onChange: (value: Json) => void;
}

/** One parameter: fixed, or an expression where it may hold one. */
export function ParamField(props: FieldProps) {
  const { param, value, path, onChange } = props;
  const id = useId();
  const isDynamic = !param.isLiteral && isExpression(value);
  const mayBeDynamic =
    !param.isLiteral && !['group', 'list', 'conditions'].includes(param.shape.is);
  const unread = useContext(UnreadContext);
  const { caret, write, turn } = useHandOver(id, isDynamic, (next) => {
    unread.forget(path);
    onChange(next);
  });
  const told = useToldAt(path, param.shape);
  const mapping = useMapping(param.label, value, mayBeDynamic, write);
  return (
    <div className={classes.field} data-path={path} {...mapping}>
      <div className={classes.head}>
        <Input.Label
          htmlFor={id}
          required={param.isRequired}
          size="xs"
          // Browsers lead from a label to inputs alone, not to an editor of code.
          onClick={() => document.getElementById(id)?.focus()}
        >
          {param.label}
        </Input.Label>
        {mayBeDynamic && (
          <ExpressionToggle
            label={param.label}
            isDynamic={isDynamic}
            onToggle={() => turn(isDynamic ? fixedOf(value, param) : expressionOf(value))}
          />
        )}
      </div>
      <CaretContext value={caret}>
        {isDynamic ? (
          <ExpressionInput id={id} label={param.label} value={value} onChange={write} />
        ) : (
          <FixedInput {...props} id={id} onChange={write} />
        )}
      </CaretContext>
      {param.description !== undefined && (
        <Input.Description size="xs">
          <WithCode text={param.description} />
        </Input.Description>
      )}
      <ToldList
        told={told}
        fixed={!isDynamic && { path, label: param.label, onTurn: () => turn(expressionOf(value)) }}
      />
    </div>
  );
}

function FixedInput({ id, ...props }: FieldProps & { id: string }) {
  const { param, root, value, path, onChange } = props;
  const { shape } = param;
  switch (shape.is) {
    case 'text':
      // A list where text is asked for stays one: a part of it may hold a comma itself.
      if (Array.isArray(value)) {
        return <TextsInput id={id} param={param} value={value} onChange={onChange} />;
      }
      return <TextInput id={id} param={param} shape={shape} value={value} onChange={onChange} />;
    case 'number':
      return <NumberInput id={id} param={param} shape={shape} value={value} onChange={onChange} />;
    case 'tick':
      return <TickInput id={id} param={param} value={value} onChange={onChange} />;
    case 'choice':
      return <ChoiceInput id={id} param={param} shape={shape} value={value} onChange={onChange} />;
    case 'texts':
      return <TextsInput id={id} param={param} value={value} onChange={onChange} />;
    case 'numbers':
      return <NumbersInput id={id} param={param} value={value} onChange={onChange} />;
    case 'ticks':
      return <TicksInput id={id} param={param} shape={shape} value={value} onChange={onChange} />;
    case 'values':
      return <ValuesInput path={path} param={param} value={value} onChange={onChange} />;
    case 'zone':
      return <ZoneInput id={id} param={param} value={value} onChange={onChange} />;
    case 'json':
      return <JsonInput id={id} path={path} param={param} value={value} onChange={onChange} />;
    case 'any':
      return <AnyInput id={id} param={param} shape={shape} value={value} onChange={onChange} />;
    case 'pairs':
      return (
        <PairsInput id={id} path={path} label={param.label} value={value} onChange={onChange} />
      );
    case 'credential':
      return <CredentialPicker id={id} value={value} onChange={onChange} />;
    case 'workflow':
      return <WorkflowPicker id={id} value={value} onChange={onChange} />;
    case 'conditions':
      return (
        <Conditions
          label={param.label}
          path={path}
          operations={shape.operations}
          value={value}
          onChange={onChange}
        />
      );
    case 'group':
      return (
        <div className={classes.group} role="group" aria-label={param.label}>
          <ParamsForm
            params={shape.members}
            root={root}
            value={value}
            path={path}
            onChange={onChange}
          />
        </div>
      );
    case 'list':
      return (
        <ListInput path={path} label={param.label} value={value} onChange={onChange}>
          {(each, place, onEach) => (
            <ParamsForm
              params={paramsOf(shape.items, root)}
              root={root}
              value={each}
              path={`${path}[${place}]`}
              onChange={onEach}
            />
          )}
        </ListInput>
      );
  }
}

/** What stays of an expression when it is made fixed: its text, where the parameter takes text. */
function fixedOf(value: string, param: Param): Json {
  const text = value.slice(1);
  return ['text', 'zone'].includes(param.shape.is) && text !== '' ? text : undefined;
}

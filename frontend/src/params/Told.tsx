import { Button, Input } from '@mantine/core';
import { createContext, useContext } from 'react';
import { Icon } from '../ui/Icon';
import classes from './params.module.css';
import type { Shape } from './shape';

/** What the server says of a parameter. */
export interface Told {
  /** As "rules[1].name". */
  path: string;
  code: string;
  message: string;
  /** Else it is a hint: something else may be meant. */
  isError: boolean;
}

/** All that is said of the parameters of a form. */
export const ToldContext = createContext<readonly Told[]>([]);

/** What is said of what stands at a path, and of all within it. */
export function toldWithin(all: readonly Told[], path: string): Told[] {
  return all.filter((told) => told.path === path || belowOf(told, path) !== null);
}

const PARTED = new Set<Shape['is']>(['group', 'pairs', 'values', 'conditions']);

/** What is said at a field itself, and not at one of its parts. */
export function useToldAt(path: string, { is }: Shape): Told[] {
  return toldWithin(useContext(ToldContext), path).filter((told) => {
    const below = belowOf(told, path);
    // What is wrong with an entry of a list is told at the list.
    return below === null || (is === 'list' ? /^\[\d+\]$/.test(below) : !PARTED.has(is));
  });
}

function belowOf({ path }: Told, whole: string): string | null {
  const below = path.slice(whole.length);
  return path.startsWith(whole) && /^[.[]/.test(below) ? below : null;
}

interface Props {
  told: readonly Told[];
  /** The field whose fixed text can be made an expression. */
  fixed?: { path: string; label: string; onTurn: () => void } | false;
}

/** Faults, and hints with what can be done about them. */
export function ToldList({ told, fixed = false }: Props) {
  const errors = told.filter(({ isError }) => isError);
  const hints = told.filter(({ isError }) => !isError);
  return (
    <>
      {errors.length > 0 && (
        <Input.Error size="xs" role="alert">
          {errors.map(({ message }) => message).join(' ')}
        </Input.Error>
      )}
      {hints.map(({ path, code, message }) => (
        <div key={`${path} ${code} ${message}`} role="status" className={classes.hint}>
          <Icon name="warning" size={12} />
          <span>Hint: {message}</span>
          {fixed !== false && path === fixed.path && code === 'looks_like_expression' && (
            <Button
              size="compact-xs"
              variant="default"
              aria-label={`${fixed.label}: make it an expression`}
              onClick={fixed.onTurn}
            >
              Make it an expression
            </Button>
          )}
        </div>
      ))}
    </>
  );
}

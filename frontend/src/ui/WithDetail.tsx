import type { ReactNode } from 'react';
import { DetailDrawer } from './DetailDrawer';
import { Panel } from './Panel';
import { useIsNarrow } from './useIsNarrow';
import classes from './WithDetail.module.css';

interface Props {
  /** What the detail is of, as "Request". */
  what: string;
  detail: ReactNode;
  onClose: () => void;
  children: ReactNode;
}

/** A list, and beside it all of what is selected in it; where there is no room, from below. */
export function WithDetail({ what, detail, onClose, children }: Props) {
  const isNarrow = useIsNarrow();
  const isShown = detail !== null && detail !== false;
  return (
    <>
      <div className={classes.panes} data-with-detail={(!isNarrow && isShown) || undefined}>
        <Panel>{children}</Panel>
        {!isNarrow && isShown && <Panel className={classes.detail ?? ''}>{detail}</Panel>}
      </div>
      {isNarrow && (
        <DetailDrawer what={what} opened={isShown} onClose={onClose}>
          {detail}
        </DetailDrawer>
      )}
    </>
  );
}

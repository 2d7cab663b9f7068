import { Select } from '@mantine/core';
import { Suspense, useEffect, useRef, type RefObject } from 'react';
import {
  Link,
  NavLink,
  NavigationType,
  Outlet,
  useLocation,
  useNavigate,
  useNavigationType,
} from 'react-router';
import { HoldNotice } from '../holds/HoldNotice';
import { useConnection } from '../live/live';
import { Icon } from '../ui/Icon';
import { LoadingNotice } from '../ui/Notices';
import { AccountMenu } from './AccountMenu';
import { Logo } from './Logo';
import { useSession } from './session';
import classes from './Shell.module.css';

/** The header of all signed-in pages, and the page below it. */
export function Shell() {
  const page = useFocusOnPage();
  return (
    <div className={classes.shell}>
      <a className={classes.skip} href="#page">
        Skip to the page
      </a>
      <header className={classes.header}>
        <Link to="/workflows" className={classes.home} aria-label="FlowForge, home">
          <Logo />
        </Link>
        <Environment />
        <nav className={classes.nav} aria-label="Pages">
          <NavLink to="/workflows">Workflows</NavLink>
          <NavLink to="/runs">Runs</NavLink>
          <NavLink to="/schedules">Schedules</NavLink>
          <NavLink to="/credentials">Credentials</NavLink>
        </nav>
        <div className={classes.tools}>
          <WorkspaceSwitcher />
          <AccountMenu />
        </div>
      </header>
      <ConnectionNotice />
      <div className={classes.held}>
        <HoldNotice what={{ kind: 'everything' }} />
      </div>
      <main ref={page} id="page" tabIndex={-1} className={classes.page}>
        <Suspense fallback={<LoadingNotice what="the page" />}>
          <Outlet />
        </Suspense>
      </main>
    </div>
  );
}

/** Who follows a link goes on at the page that it leads to, with the keyboard and by ear as well. */
function useFocusOnPage(): RefObject<HTMLElement | null> {
  const page = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  const isBack = useNavigationType() === NavigationType.Pop;
  const shown = useRef(pathname);
  useEffect(() => {
    if (shown.current === pathname) return;
    shown.current = pathname;
    page.current?.focus({ preventScroll: true });
    // Going back, the browser knows where one was.
    if (!isBack) window.scrollTo(0, 0);
  }, [pathname, isBack]);
  return page;
}

/** Which of several installations this is, where that is said. */
function Environment() {
  const { environment } = useSession().me;
  if (environment === '') return null;
  const isProduction = environment.toLowerCase().startsWith('prod');
  return (
    <span className={classes.environment} data-production={isProduction || undefined}>
      {environment}
    </span>
  );
}

function WorkspaceSwitcher() {
  const { me, workspace, selectWorkspace } = useSession();
  const navigate = useNavigate();
  return (
    <Select
      aria-label="Workspace"
      className={classes.workspace}
      data={me.workspaces.map(({ id, name }) => ({ value: id, label: name }))}
      value={workspace.id}
      allowDeselect={false}
      searchable={me.workspaces.length > 8}
      onChange={(id) => {
        if (id === null || id === workspace.id) return;
        selectWorkspace(id);
        void navigate('/workflows');
      }}
    />
  );
}

/** Says that what is shown may be old, as long as there is no live connection. */
function ConnectionNotice() {
  if (useConnection() !== 'lost') return null;
  return (
    <div className={classes.lost} role="status">
      <Icon name="warning" size={14} />
      The live connection was lost. Trying to connect again…
    </div>
  );
}

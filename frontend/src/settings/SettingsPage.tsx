import { Navigate, NavLink, Route, Routes, useParams } from 'react-router';
import { useMay, useSession } from '../session/session';
import { PageHead } from '../ui/PageHead';
import { AccountPart } from './AccountPart';
import { AuditPart } from './AuditPart';
import classes from './settings.module.css';
import { VariablesPart } from './VariablesPart';
import { WorkspacePart } from './WorkspacePart';

const TITLES: Record<string, string> = {
  variables: 'Variables',
  audit: 'Audit trail',
  account: 'Your account',
};

/** What is set for a workspace, and for oneself: a part for each subject. */
export function SettingsPage() {
  const { workspace } = useSession();
  const isAdmin = useMay('admin');
  const { '*': part = '' } = useParams();
  return (
    <>
      <PageHead title="Settings" windowTitle={TITLES[part] ?? 'Settings'} />
      <nav className={classes.parts} aria-label="Settings">
        <NavLink to="/settings" end>
          {workspace.name}
        </NavLink>
        <NavLink to="/settings/variables">Variables</NavLink>
        {isAdmin && <NavLink to="/settings/audit">Audit trail</NavLink>}
        <NavLink to="/settings/account">Your account</NavLink>
      </nav>
      <Routes>
        <Route index element={<WorkspacePart />} />
        <Route path="variables" element={<VariablesPart />} />
        <Route path="audit" element={<AuditPart />} />
        <Route path="account" element={<AccountPart />} />
        <Route path="*" element={<Navigate to="/settings" replace />} />
      </Routes>
    </>
  );
}

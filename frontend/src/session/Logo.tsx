import classes from './Logo.module.css';

export function Logo() {
  return (
    <span className={classes.logo}>
      <svg width={24} height={24} viewBox="0 0 32 32" aria-hidden>
        <rect width="32" height="32" rx="7" fill="#3b5bdb" />
        <path
          d="M9 10h5a4 4 0 0 1 4 4v4a4 4 0 0 0 4 4h1"
          fill="none"
          stroke="#fff"
          strokeWidth="2.5"
          strokeLinecap="round"
        />
        <circle cx="9" cy="10" r="3" fill="#fff" />
        <circle cx="23" cy="22" r="3" fill="#fff" />
      </svg>
      FlowForge
    </span>
  );
}

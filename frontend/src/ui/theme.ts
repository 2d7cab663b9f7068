import { createTheme } from '@mantine/core';

/** Mantine's close buttons are a cross without a name. */
const CLOSE = { 'aria-label': 'Close' };

/** Options scroll by themselves: a frame around them that scrolls would want the keyboard, too. */
const OPTIONS = {
  defaultProps: { size: 'xs', withScrollArea: false },
  styles: { options: { maxHeight: 220, overflowY: 'auto' } },
} as const;

export const theme = createTheme({
  black: '#1c2128',
  primaryColor: 'indigo',
  primaryShade: 7,
  colors: {
    dark: [
      '#cdd5de',
      '#b1bac4',
      '#9aa4b0',
      '#6e7681',
      '#3d444d',
      '#2b3138',
      '#22272e',
      '#1b1f24',
      '#16191d',
      '#101215',
    ],
  },
  defaultRadius: 'sm',
  fontFamily:
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif",
  fontFamilyMonospace: 'var(--ff-mono)',
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '19px' },
  headings: { fontWeight: '600', sizes: { h1: { fontSize: '20px' }, h2: { fontSize: '15px' } } },
  components: {
    Button: { defaultProps: { size: 'xs' } },
    Select: OPTIONS,
    MultiSelect: OPTIONS,
    TagsInput: OPTIONS,
    // A menu begins at its first item, and holds nothing but items.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
    TextInput: { defaultProps: { size: 'xs' } },
    SegmentedControl: { defaultProps: { size: 'xs' } },
    Drawer: { defaultProps: { closeButtonProps: CLOSE } },
    Modal: { defaultProps: { closeButtonProps: CLOSE } },
    Notification: { defaultProps: { closeButtonProps: CLOSE } },
  },
});

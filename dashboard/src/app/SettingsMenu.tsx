import { useEffect, useId, useRef, useState } from 'react';
import { Icon } from '../components/Icon.tsx';
import { LanguageSwitch } from '../components/LanguageSwitch.tsx';
import { Segmented } from '../components/Segmented.tsx';
import { useWords } from '../i18n/context.tsx';
import { THEMES } from './preferences.ts';
import { usePreferences } from './usePreferences.tsx';

interface SettingsMenuProps {
  readonly onKiosk: () => void;
  readonly onSignOut: () => void;
}

const useDisclosure = () => {
  const [isOpen, setIsOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!isOpen) return undefined;
    const onPointer = ({ target }: PointerEvent) => {
      if (!(target instanceof Node && root.current?.contains(target))) setIsOpen(false);
    };
    const onKey = ({ key }: KeyboardEvent) => {
      if (key !== 'Escape') return;
      setIsOpen(false);
      button.current?.focus();
    };
    document.addEventListener('pointerdown', onPointer);
    document.addEventListener('keydown', onKey);
    return () => {
      document.removeEventListener('pointerdown', onPointer);
      document.removeEventListener('keydown', onKey);
    };
  }, [isOpen]);
  return { isOpen, setIsOpen, root, button };
};

export const SettingsMenu = ({ onKiosk, onSignOut }: SettingsMenuProps) => {
  const { t } = useWords();
  const { preferences, choose } = usePreferences();
  const { isOpen, setIsOpen, root, button } = useDisclosure();
  const id = useId();
  return (
    <div className="menu" ref={root}>
      <button
        ref={button}
        type="button"
        className="icon-button"
        aria-label={t('menu.label')}
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => setIsOpen(!isOpen)}
      >
        <Icon name="settings" />
      </button>
      <div id={id} className="menu-panel" hidden={!isOpen}>
        <p aria-hidden="true">{t('menu.language')}</p>
        <LanguageSwitch />
        <p aria-hidden="true">{t('menu.theme')}</p>
        <Segmented
          label={t('menu.theme')}
          value={preferences.theme}
          onChange={(theme) => choose({ theme })}
          options={THEMES.map((value) => ({ value, label: t(`menu.theme_${value}`) }))}
        />
        <hr />
        <button
          type="button"
          className="menu-item"
          onClick={() => {
            setIsOpen(false);
            onKiosk();
          }}
        >
          {t('menu.kiosk')}
        </button>
        <button type="button" className="menu-item" onClick={onSignOut}>
          {t('menu.signout')}
        </button>
      </div>
    </div>
  );
};

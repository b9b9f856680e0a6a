BBBBBBB BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB

BBBBB BBBBBBBBBBBBB BBBBB
BBBBB BBBB
  XXXX XXXXXXXXXXXXXX XXXXXX
    XXXXXXXXX
    BB BBB BBBBBBBBBB
      BBBBBBBBBBBBB BBBB
      XXXXX XXXXXXXXXXXXX XXXXXXXXXXXX XXXXXXXXXXX
        BBBBBBBBBB
        BBBBB BBBBBBBBB BBBB
        XXXX XXXXXXXXXXXXXXXX
          XXXXXXX XXXXXXXXXXXXX XXXXXXXXXXXXXXX gettext(u'Save the name') XXXXXXXXX
        XXXXXX
      XXXXXXX
    BBBBB
    XXX XXXXXXXXXXX gettext(u'Remove it') XXXXX
    XXX
      BB BBBB
         gettext(u"This is the only one you have: without it and until you set up another, holders' data do not open to you, and the recovery codes go too.") 
      BBBB BBBBBBBBBB
         gettext(u"The app's codes then confirm nothing any more.") 
      BBBB
         gettext(u'The passkey then opens nothing any more. You may also remove it from the device.') 
      BBBBB
    XXXX
    XXXXX XXXXXXXXXXXXX XXXXXXXXXXXXXXXX
      BBBBBBBBBB
      XXXXXXX XXXXXXXXXXXXX XXXXXXXXXXXXX XXXXXXXX XXXXXXXXXXXXX XXXXXXXXXX gettext(u'Remove') XXXXXXXXX
      XX XXXXXXXXXXXX XXXXXXBBB BBBBBBBBBBBBBXX gettext(u'Back to your sign-in') XXXX
    XXXXXXX
  XXXXXX
BBBBBBBB BBBB

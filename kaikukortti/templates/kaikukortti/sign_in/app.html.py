BBBBBBB BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB

BBBBB BBBBB
   gettext(u'Set up an app') 
BBBBBBBB BBBBB
BBBBB BBBB
  XXXX XXXXXXXXXXXXXX XXXXXX
    XXXX gettext(u'Set up an app') XXXXX
    XXX XXXXXXXXXXXXXX
      XXXX
        XXX gettext(u'Open an authenticator app on your phone and choose to add an account.') XXXX
      XXXXX
      XXXX
        XXX gettext(u"Point the phone's camera at this picture.") XXXX
        XXXX XXXXXXXXXXXXXXX
             XXXXXXXXXX
             XXXXXXXXXXXX gettext(u"The key for the app's camera") XXFFFFXXXXXX
        XXX gettext(u'Or type this key into the app:') XXXX
        XX XXXXXXXXXXX XXXXXXXXXX
      XXXXX
      XXXX
        XXX gettext(u'Write here what the app shows.') XXXX
      XXXXX
    XXXXX
    BBBBBBBBBBBBB BBBB
    XXXXX XXXXXXXXXXXXX XXXXXXXXXXXX XXXXXXXXXXX
      BBBBBBBBBB
      BB BBBBXXXXXX XXXXXXXXXXXXX XXXXXXXXXXX XXXXXXXXXBBBBB
      BBBBB BBBBBBBBB BBBB
      XXXX XXXXXXXXXXXXXXXX
        XXXXXXX XXXXXXXXXXXXX XXXXXXXXXXXXXXX gettext(u'Set up') XXXXXXXXX
        XX XXXXXXXXXXXX XXXXXXBBB BBBBBBBBBBBBBXX gettext(u'Back to your sign-in') XXXX
      XXXXXX
    XXXXXXX
  XXXXXX
BBBBBBBB BBBB

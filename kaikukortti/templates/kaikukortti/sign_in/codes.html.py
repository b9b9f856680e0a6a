BBBBBBB BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB

BBBBB BBBBB
   gettext(u'Recovery codes') 
BBBBBBBB BBBBB
BBBBB BBBB
  XXXX XXXXXXXXXXXXXX XXXXXX
    XXXX gettext(u'Recovery codes') XXXXX
    BB BBBB
      XXXX XXXXXXXXXXXXX XXXXXXXXXX
        BBBB BBBBBBB
        XXXXXXX
      XXXXXX
    BBBBB
    XX XXXXXXXXXXXXX gettext(u'Each of these codes confirms once that it is you, when the phone or the key is not with you.') XXXX
    XXX XXXXXXXXXXXXXXX XXXXXXX
      BBB BBBB BB BBBBB
        XXX XXXXXXXXXXXXXXXXXX
      BBBBBB
    XXXXX
    XXX gettext(u'Codes from before open nothing any more.') XXXX
    XX XXXXXXXXXXXXXXXXX gettext(u'The codes are shown only this once. Print the page, or copy them where you keep what is important, but not to this phone.') XXXX
    XX XXXXXXXXXXXXXX XXXXXXXXXX
      XX XXXXXXXXXXXXXX
         XXXXXXBB BBBBBBBBBBB BBBBBBBBBBBBBBBBBBXX gettext(u'The codes are safe, go on') XXXX
    XXXX
  XXXXXX
BBBBBBBB BBBB

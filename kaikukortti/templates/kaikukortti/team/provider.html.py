BBBBBBB BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB

BBBBB BBBBB
   gettext(u'How people sign in') 
BBBBBBBB BBBBB
BBBBB BBBB
  XXXX XXXXXXXXXXXXXX XXXXXX
    XXXX gettext(u'How people sign in') XXXXX
    XX XXXXXXXXXXXXXXXXX
    BB BBBB
      XXX gettext(u"No organisation's sign-in has been connected to this register. The national service and who runs the register do that.") XXXX
    BBBBB
    XXX gettext(u'When people must come through their organisation, who leaves the organisation cannot come in any more, and the organisation decides how people show who they are.') XXXX
    BBBBBBBBBBBBB BBBB
    XXXXX XXXXXXXXXXXXX XXXXXXXXXXXX XXXXXXXXXXX
      BBBBBBBBBB
      BBBBB BBBBBBBBBBBBB
      XXXX XXXXXXXXXXXXXXXX
        XXXXXXX XXXXXXXXXXXXX XXXXXXXXXXXXXXX gettext(u'Save') XXXXXXXXX
        XX XXXXXXXXXXXX XXXXXXBBB BBBBBBBBB BBBBBBBBXX gettext(u'Back to the team') XXXX
      XXXXXX
    XXXXXXX
  XXXXXX
BBBBBBBB BBBB

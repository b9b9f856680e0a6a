BBBBBBB BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB

BBBBB BBBBB
   gettext(u'Choose your workplace') 
BBBBBBBB BBBBB
BBBBB BBBB
  XXXX XXXXXXXXXXXXXX XXXXXX
    XXXX gettext(u'Choose your workplace') XXXXX
    BB BBBBBB
      XX XXXXXXXXXXXXX gettext(u'You act for one workplace at a time. You can change it at the top of every page.') XXXX
      XXXXX XXXXXXXXXXXXXX
        BBBBBBBBBB
        XXX XXXXXXXXXXXXXXXXXXX XXXXXXX
          BBB BBBBB BB BBBBBB
            XXXX
              XXXXXXX XXXXXXXXXXXXX
                      XXXXXXXXXXXXXXXXXX XXXXXXXXXXX
                      XXXXXXXXXXXXXXXXX
                      XXXXXXXXXXXXXXXXXX
              XX XXXXXXXXXXXXX
                
                BB BBBBBBBB BB BBBBBBBX  gettext(u'you are acting for this one now') BBBBB
              XXXX
            XXXXX
          BBBBBB
        XXXXX
      XXXXXXX
    BBBB
       gettext(u'You are not a member of any workplace at the moment.') 
       gettext(u'Ask the contact person of your workplace for a link.') 
      BBBBBBB BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB
    BBBBB
    XXXXX XXXXXXXXXXXXX XXXXXXXXBBB BBBBBBBBBBX XXXXXXXXXXXXXXXX
      BBBBBBBBBB
      XXXXXXX XXXXXXXXXXXXX XXXXXXXXXXXXX XXXXXXXX gettext(u'Sign out') XXXXXXXXX
    XXXXXXX
  XXXXXX
BBBBBBBB BBBB

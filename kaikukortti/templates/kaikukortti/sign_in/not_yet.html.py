BBBBBBB BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB

BBBBB BBBBB
   gettext(u'One step before this') 
BBBBBBBB BBBBB
BBBBB BBBB
  XXXX XXXXXXXXXXXXXX XXXXXX
    XXXX gettext(u'One step before this') XXXXX
    BB BBBBBB
      XX XXXXXXXXXXXXX gettext(u'Your password was renewed by somebody who does not work at your workplace, and you had no second factor. So that nobody else sets one up in your name, another contact person of your workplace or the national service first says that it is you.') XXXX
      XXX gettext(u'Ask one of them to choose “New second factor” beside your name on the team page. Then come back here.') XXXX
      XXX gettext(u'Giving cards, the till and offerings work meanwhile.') XXXX
    BBBB
      XX XXXXXXXXXXXXX
         gettext(u'You also come in through %(name)s. Come in that way now, and then set up a second factor.') 
          SSS SSSS SSSS SS SSSSSSS SSSSSSSSS SSSS SS SSSS SSS SSSS SSS SSSS SSS SS S SSSSSS SSSSSSS
        
      XXXX
      BB BBBBBBB
        BBB BBBBBBBBBBBBB BB BBBB
        BBBBBBB BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB
      BBBBB
    BBBBB
    XXX
      XX XXXXXXXXXXXX XXXXXXBBB BBBBBBBBBBBBBXX gettext(u'Back to your sign-in') XXXX
    XXXX
  XXXXXX
BBBBBBBB BBBB

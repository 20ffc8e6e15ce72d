// The grammar of .cat files. The language itself is described in LANGUAGE.md.
//
// Kinds of blocks ("model", "grid" ...) and units ("KiB", "ms" ...) are ordinary names, so that the grammar stays small and
// semantic analysis can say what is wrong with a misspelt one. Syntax errors are worded in lib/Frontend/Parser.cpp.
grammar Cat;

file
  : (importDecl | letDecl | block)* EOF
  ;

importDecl
  : IMPORT path=STRING AS alias=ID SEMI
  ;

letDecl
  : LET name=ID ASSIGN value=expr SEMI
  ;

block
  : kind=ID name=ID? (COLON base=qualifiedName)? LBRACE member* RBRACE
  ;

member
  : letDecl                                                             # letMember
  | SEARCH name=ID IN domain SEMI                                       # searchMember
  | REQUIRE label=STRING? condition=expr SEMI                           # requireMember
  | sense=(MINIMIZE | MAXIMIZE) value=expr (THRESHOLD threshold=expr)? SEMI # goalMember
  | BASELINE design=expr SEMI                                           # baselineMember
  | name=ID ASSIGN value=expr SEMI                                      # assignMember
  | block                                                               # blockMember
  ;

// A lone expression is no domain; it is accepted here so that the error can say how a range is written.
domain
  : lo=expr (DOTDOT hi=expr (STEP step=expr)?)?                         # rangeDomain
  | LBRACE expr (COMMA expr)* COMMA? RBRACE unit?                       # choiceDomain
  ;

// A number and its unit bind tighter than any operator: 1 / 10 s is one over ten seconds.
expr
  : LPAREN expr RPAREN                                                  # parenExpr
  | callee=qualifiedName LPAREN (argument (COMMA argument)* COMMA?)? RPAREN # callExpr
  | op=MINUS expr                                                       # unaryExpr
  | lhs=expr op=(STAR | SLASH) rhs=expr                                 # binaryExpr
  | lhs=expr op=(PLUS | MINUS) rhs=expr                                 # binaryExpr
  | lhs=expr op=(LE | GE | LT | GT | EQ | NE) rhs=expr                  # binaryExpr
  | op=NOT expr                                                         # unaryExpr
  | lhs=expr op=AND rhs=expr                                            # binaryExpr
  | lhs=expr op=OR rhs=expr                                             # binaryExpr
  | <assoc=right> lhs=expr op=IMPLIES rhs=expr                          # binaryExpr
  | value=(INT | FLOAT) unitName=(ID | PERCENT)?                        # numberExpr
  | STRING                                                              # stringExpr
  | value=(TRUE | FALSE)                                                # booleanExpr
  | qualifiedName                                                       # nameExpr
  | LBRACKET (expr (COMMA expr)* COMMA?)? RBRACKET                      # listExpr
  ;

argument
  : (name=ID ASSIGN)? value=expr
  ;

// The common unit of a choice list: {64, 128} B/cycle.
unit
  : (ID | PERCENT) (SLASH ID)*
  ;

qualifiedName
  : ID (DOT ID)*
  ;

IMPORT : 'import' ;
AS : 'as' ;
LET : 'let' ;
SEARCH : 'search' ;
IN : 'in' ;
STEP : 'step' ;
REQUIRE : 'require' ;
MINIMIZE : 'minimize' ;
MAXIMIZE : 'maximize' ;
THRESHOLD : 'threshold' ;
BASELINE : 'baseline' ;
AND : 'and' ;
OR : 'or' ;
NOT : 'not' ;
IMPLIES : 'implies' ;
TRUE : 'true' ;
FALSE : 'false' ;

DOTDOT : '..' ;
DOT : '.' ;
COMMA : ',' ;
SEMI : ';' ;
COLON : ':' ;
ASSIGN : '=' ;
LBRACE : '{' ;
RBRACE : '}' ;
LPAREN : '(' ;
RPAREN : ')' ;
LBRACKET : '[' ;
RBRACKET : ']' ;
PLUS : '+' ;
MINUS : '-' ;
STAR : '*' ;
SLASH : '/' ;
PERCENT : '%' ;
LE : '<=' ;
GE : '>=' ;
LT : '<' ;
GT : '>' ;
EQ : '==' ;
NE : '!=' ;

FLOAT : DIGITS '.' DIGITS EXPONENT? | DIGITS EXPONENT ;
INT : DIGITS ;
ID : [A-Za-z_] [A-Za-z0-9_]* ;
STRING : '"' (~["\\\r\n] | '\\' ~[\r\n])* '"' ;
BAD_STRING : '"' (~["\\\r\n] | '\\' ~[\r\n])* '\\'? ;
COMMENT : '#' ~[\r\n]* -> channel(HIDDEN) ;
WS : [ \t\r\n\f]+ -> channel(HIDDEN) ;
UNKNOWN : . ;

fragment DIGITS : [0-9] [0-9_]* ;
fragment EXPONENT : [eE] [+-]? [0-9]+ ;

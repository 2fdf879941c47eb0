#include <ctype.h>
#include <stddef.h>
#include <string.h>

#include "fcgi/common_passwords.h"

/* Words, names and walks over the keyboard, which are tried first, with the digits that
 * people add to them. Each has a space on both sides. */
static const char words[] =
	" "
	/* the purpose of a password */
	"password passwort passw0rd pa55word p@ssword p@ssw0rd passwd passphrase "
	"mypassword newpassword thepassword yourpassword secret topsecret letmein "
	"letmeinnow opensesame login logmein access accessdenied admin "
	"administrator adminadmin root rootroot toor superuser sysadmin system "
	"manager master default guest user username test testing testtest tester "
	"temp temporary changeme changeit change_me changethis welcome welcometo "
	"hello helloworld hellohello trustno nopassword nothing whatever unknown "
	"anonymous forgot iforgot private security server database internet "
	"computer windows microsoft google facebook instagram twitter youtube "
	"linkedin samsung iphone android nintendo playstation minecraft pokemon "
	"foyer foyerchat chatchat messenger telegram whatsapp "
	/* the keyboard */
	"qwerty qwertyu qwertyui qwertyuio qwertyuiop qwertyqwerty qwertz "
	"qwertzui qwertzuiop azerty azertyui azertyuiop asdfgh asdfghj asdfghjk "
	"asdfghjkl asdfasdf zxcvbn zxcvbnm qazwsx qazwsxedc wsxqaz 1qaz2wsx "
	"1qaz2wsx3edc 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y q1w2e3r4 q1w2e3r4t5 "
	"zaq12wsx zaq1zaq1 qweasd qweasdzxc qwe123qwe asdzxc poiuytrewq lkjhgfdsa "
	"mnbvcxz 1234qwer 123qweasd qwer1234 abcd1234 abc123 abcdef abcdefg "
	"abcdefgh a1b2c3d4 aa123456 123abc 1a2b3c4d asd123 zxc123 йцукен йцукенг "
	"йцукенгш йцукенгшщз фывапр фывапролд ячсмить "
	/* only digits */
	"12341234 12344321 11223344 1122334455 112233445566 10203040 12312312 "
	"12301230 13579246 24681357 13572468 31415926 314159265 27182818 14725836 "
	"147258369 15935746 159357456 78945612 789456123 98765432 01234567 "
	"0123456789 00112233 12121212 20202020 19841984 20002000 1234567890 "
	"0987654321 "
	/* love, people, beasts */
	"iloveyou iloveu iloveme ilovegod loveyou lovelove lovely loveme lover "
	"love sweetheart sweety darling babygirl babyboy princess prince queen "
	"king angel angels beautiful gorgeous handsome family mother father "
	"brother sister friend friends forever together michael jennifer jessica "
	"michelle ashley nicole daniel andrew joshua matthew anthony robert "
	"thomas jordan charlie george william alexander alexandra alexandr "
	"elizabeth samantha amanda victoria natasha nastya anastasia andrey "
	"sergey dmitry dimadima marina tatiana svetlana vladimir ekaterina maxim "
	"maksim nikita jonathan christian christopher benjamin patrick richard "
	"steven stephanie hannah maggie ginger buster bailey tigger monkey dragon "
	"tiger lion eagle falcon phoenix panther shadow wolf dolphin butterfly "
	"kitten kitty hellokitty doggy puppy bulldog chicken elephant unicorn "
	"spider scorpion mustang horses "
	/* play and heroes */
	"football soccer baseball basketball hockey golfer volleyball liverpool "
	"chelsea arsenal barcelona realmadrid juventus manchester spartak zenit "
	"yankees lakers steelers cowboys batman superman spiderman ironman "
	"starwars skywalker matrix pirate ninja samurai warrior hunter killer "
	"gandalf merlin wizard magic harrypotter naruto pikachu marvel avengers "
	"metallica slipknot nirvana eminem blink rockstar guitar music dancing "
	"gaming gamer player winner champion success lucky money millionaire "
	"dollar freedom liberty peace "
	/* the world */
	"summer winter spring autumn january february march april june july "
	"august september october november december monday sunday friday sunshine "
	"rainbow flower flowers blossom cherry orange banana apple pepper cookie "
	"chocolate cheese coffee pumpkin peanut sugar silver golden diamond "
	"purple yellow black blue green red white thunder lightning storm ocean "
	"galaxy universe heaven jesus jesuschrist christ godisgood blessed faith "
	"america canada england london paris berlin germany russia moscow ukraine "
	"newyork california texas ferrari porsche mercedes toyota harley corvette "
	"yamaha cool awesome amazing perfect fuckyou fuckoff fuckme asshole "
	"bullshit biteme badboy stupid idiot hardcore sexy pussy naked nobody "
	"trouble mercury saturn jupiter explorer voyager enterprise startrek "
	"scooby snoopy mickey garfield "
	/* on a Russian keyboard and in Russian */
	"пароль парольпароль мойпароль секрет привет приветпривет любовь люблю "
	"ялюблютебя любимая любимый солнце солнышко россия москва админ "
	"администратор наташа александр максим андрей сергей дмитрий марина "
	"светлана кристина зайчик котенок зенит спартак динамо футбол ghbdtn "
	"ghbdtnghbdtn gfhjkm gfhjkmgfhjkm vfrcbv yfnfif rhbcnbyf k.,jdm vjcrdf "
	"hjccbz cjkywt cjkysirj privet parol parolparol lubov lublu solnce "
	"solnishko zaichik kotenok rossiya moskva ";

static bool
is_listed(const char *text, size_t len)
{
	if (len == 0 || memchr(text, ' ', len))
		return false;
	for (const char *at = words; (at = strchr(at, ' ')); at++)
		if (strncmp(at + 1, text, len) == 0 && at[1 + len] == ' ')
			return true;
	return false;
}

/* Without digits and signs at the end. */
static size_t
stem_length(const char *text, size_t len)
{
	while (len > 0 && (isdigit((unsigned char)text[len - 1]) ||
			   ispunct((unsigned char)text[len - 1])))
		len--;
	return len;
}

/* Nobody guesses hundreds of one letter. */
enum { REPEATED_MAX = 32 };

static bool
is_repeated(const char *text, size_t len)
{
	if (len > REPEATED_MAX)
		return false;
	for (size_t piece = 1; piece <= len / 2 && piece <= 4; piece++)
		if (memcmp(text, text + piece, len - piece) == 0)
			return true;
	return false;
}

static bool
is_run(const char *text, size_t len)
{
	int step = len > 1 ? text[1] - text[0] : 0;

	if (step != 1 && step != -1)
		return false;
	for (size_t i = 2; i < len; i++)
		if (text[i] - text[i - 1] != step)
			return false;
	return true;
}

bool
password_is_common(const char *folded)
{
	size_t len = strlen(folded);

	return is_listed(folded, len) || is_listed(folded, stem_length(folded, len)) ||
	       is_repeated(folded, len) || is_run(folded, len);
}

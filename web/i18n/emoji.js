// emoji.js -- emoji in groups, each with its names in English and Russian; loaded with the
// emoji picker.

const TABLE = [
	`😀 grin smile happy|улыбка радость
😃 smile happy joy|улыбка радость
😄 smile laugh happy|улыбка смех радость
😁 beam grin smile|улыбка зубы
😅 sweat smile relief|пот неловко улыбка
😂 tears joy laugh|слёзы смех
🤣 rolling floor laugh|хохот смех
🙂 slight smile|лёгкая улыбка
🙃 upside down|перевёрнутый
😉 wink|подмигивание
😊 blush smile|румянец улыбка
😇 angel halo innocent|ангел нимб
🥰 love hearts smiling|любовь сердечки
😍 heart eyes love|влюблён сердце глаза
😘 kiss blow|поцелуй
😋 yum tasty|вкусно
😜 wink tongue joke|язык шутка
🤪 zany crazy|безумный
🤗 hug|обнимаю объятие
🤔 think hmm|думаю хм
🤨 eyebrow doubt|бровь сомнение
😐 neutral|нейтрально
😏 smirk|ухмылка
🙄 roll eyes|закатил глаза
😬 grimace|гримаса
😌 relieved|облегчение
😔 pensive sad|грусть задумчиво
😴 sleep zzz|сон сплю
😷 mask ill|маска болею
🤒 fever ill sick|температура болею
🤯 mind blown explode|взрыв мозга
😎 cool sunglasses|круто очки
🥳 party celebrate|праздник вечеринка
😕 confused|смущён
😟 worried|беспокойство
😮 wow open mouth|ого удивление
😱 scream fear|крик страх
😢 cry sad tear|плачу слеза грусть
😭 sob cry|рыдаю плачу
😤 huff triumph|пыхтит злость
😡 angry rage|злость ярость
🤬 swear curse|ругань
💀 skull dead|череп умер
💩 poop|какашка
🤡 clown|клоун
👻 ghost|призрак
🤖 robot|робот
😺 cat smile|кот улыбка`,
	`👍 thumbs up yes good like|палец вверх да хорошо класс
👎 thumbs down no bad|палец вниз нет плохо
👌 ok fine|окей хорошо
✌️ victory peace|победа мир
🤞 fingers crossed luck|удача скрестил пальцы
👏 clap applause|аплодисменты хлопаю
🙌 raise hands hooray|ура руки вверх
🙏 pray please thanks|спасибо пожалуйста молюсь
🤝 handshake deal|рукопожатие договорились
👋 wave hello bye|привет пока рука
💪 strong muscle|сила мышцы
👀 eyes look|глаза смотрю
🧠 brain|мозг
🤷 shrug|пожимаю плечами
🤦 facepalm|рукалицо
💁 info tipping|справка
🙋 raise hand me|я рука
🏃 run|бегу
💃 dance|танец танцую`,
	`❤️ heart love red|сердце любовь красное
🧡 heart orange|сердце оранжевое
💛 heart yellow|сердце жёлтое
💚 heart green|сердце зелёное
💙 heart blue|сердце синее
💜 heart purple|сердце фиолетовое
🖤 heart black|сердце чёрное
💔 broken heart|разбитое сердце
💯 hundred percent|сто процентов
💥 boom|взрыв бум
🔥 fire hot|огонь пламя
✨ sparkles shine|блеск искры
⭐ star|звезда
🎉 party tada congratulations|праздник хлопушка поздравляю
🎁 gift present|подарок
🎂 cake birthday|торт день рождения
🎈 balloon|шарик
🏆 trophy win|кубок победа
🥇 medal gold first|медаль золото первый`,
	`🐶 dog|собака
🐱 cat|кошка кот
🐭 mouse|мышь
🦊 fox|лиса
🐻 bear|медведь
🐼 panda|панда
🐸 frog|лягушка
🐧 penguin|пингвин
🦆 duck|утка
🦉 owl|сова
🐝 bee|пчела
🦋 butterfly|бабочка
🐢 turtle|черепаха
🐍 snake|змея
🐙 octopus|осьминог
🐳 whale|кит
🌳 tree|дерево
🌲 pine fir|ёлка сосна
🌷 tulip flower|тюльпан цветок
🌹 rose flower|роза цветок
🌻 sunflower|подсолнух
🍀 clover luck|клевер удача
🍁 leaf autumn|лист осень
☀️ sun|солнце
🌙 moon night|луна ночь
☁️ cloud|облако
🌧️ rain|дождь
⛈️ storm thunder|гроза
❄️ snow cold|снег холод
🌈 rainbow|радуга
🌊 wave sea|волна море`,
	`🍎 apple|яблоко
🍌 banana|банан
🍓 strawberry|клубника
🍉 watermelon|арбуз
🍞 bread|хлеб
🧀 cheese|сыр
🍕 pizza|пицца
🍔 burger|бургер
🥗 salad|салат
🍣 sushi|суши
🍪 cookie|печенье
🍫 chocolate|шоколад
☕ coffee tea hot|кофе чай
🍵 tea|чай
🍺 beer|пиво
🍷 wine|вино
🥂 cheers toast|чокнемся бокалы`,
	`⚽ football soccer|футбол мяч
🏀 basketball|баскетбол
🎮 game|игра
🎲 dice|кубик игра
🎵 music note|музыка нота
🎸 guitar|гитара
🎬 film movie|кино фильм
📷 camera photo|камера фото
🚗 car|машина
🚲 bicycle bike|велосипед
🚂 train|поезд
✈️ plane travel|самолёт поездка
🚀 rocket ship|ракета
🏠 house home|дом
🏖️ beach|пляж
⏰ alarm clock time|будильник время
📅 calendar date|календарь дата
📌 pin|булавка
📎 paperclip|скрепка
✏️ pencil write|карандаш писать
📚 books read|книги читать
💡 idea bulb|идея лампочка
💻 laptop computer|ноутбук компьютер
📱 phone mobile|телефон
🔒 lock|замок
🔑 key|ключ
🔧 wrench tool|ключ инструмент
🐛 bug|баг жук
💰 money|деньги
✉️ letter mail|письмо почта
🗑️ bin trash|мусор корзина`,
	`✅ check done yes|готово да галочка
❌ cross no|крест нет
❓ question|вопрос
❗ exclamation|восклицание важно
⚠️ warning|внимание осторожно
🚫 forbidden|запрещено
➕ plus|плюс
➡️ right arrow|стрелка вправо
⬆️ up arrow|стрелка вверх
⬇️ down arrow|стрелка вниз
🔴 red circle|красный круг
🟢 green circle|зелёный круг
🔵 blue circle|синий круг
🏳️ white flag|белый флаг
🏁 finish flag|финиш флаг`,
];

// [[{emoji, en: [name], ru: [name]}]]
export const GROUPS = TABLE.map((group) => group.split('\n').map((line) => {
	const [first, ru] = line.split('|');
	const [emoji, ...en] = first.split(' ');
	return { emoji, en, ru: ru.split(' ') };
}));

/** The short names that bots and people use most, as `name character` pairs. Others are shown as they were typed. */
const TABLE = `
+1 👍 -1 👎 thumbsup 👍 thumbsdown 👎 100 💯 heart ❤️ broken_heart 💔 green_heart 💚 blue_heart 💙 yellow_heart 💛 purple_heart 💜
smile 😄 smiley 😃 grinning 😀 grin 😁 laughing 😆 joy 😂 rofl 🤣 wink 😉 blush 😊 slightly_smiling_face 🙂 upside_down_face 🙃
sunglasses 😎 thinking_face 🤔 thinking 🤔 neutral_face 😐 expressionless 😑 confused 😕 worried 😟 disappointed 😞 cry 😢 sob 😭
scream 😱 angry 😠 rage 😡 sweat_smile 😅 sweat 😓 cold_sweat 😰 sleeping 😴 sleepy 😪 mask 😷 nerd_face 🤓 partying_face 🥳
star-struck 🤩 heart_eyes 😍 relieved 😌 unamused 😒 rolling_eyes 🙄 face_with_rolling_eyes 🙄 zipper_mouth_face 🤐 hugging_face 🤗
eyes 👀 wave 👋 ok_hand 👌 clap 👏 pray 🙏 raised_hands 🙌 muscle 💪 point_right 👉 point_left 👈 point_up ☝️ point_down 👇
raised_hand ✋ hand ✋ fist ✊ v ✌️ crossed_fingers 🤞 handshake 🤝 facepalm 🤦 shrug 🤷 bow 🙇 salute 🫡 saluting_face 🫡
fire 🔥 sparkles ✨ star ⭐ star2 🌟 zap ⚡ boom 💥 tada 🎉 confetti_ball 🎊 balloon 🎈 gift 🎁 trophy 🏆 medal 🏅 crown 👑
rocket 🚀 airplane ✈️ car 🚗 ship 🚢 construction 🚧 rotating_light 🚨 fire_engine 🚒 ambulance 🚑 vertical_traffic_light 🚦
white_check_mark ✅ heavy_check_mark ✔️ ballot_box_with_check ☑️ x ❌ negative_squared_cross_mark ❎ heavy_multiplication_x ✖️
warning ⚠️ no_entry ⛔ no_entry_sign 🚫 stop_sign 🛑 octagonal_sign 🛑 exclamation ❗ heavy_exclamation_mark ❗ question ❓
grey_question ❔ grey_exclamation ❕ bangbang ‼️ interrobang ⁉️ information_source ℹ️ sos 🆘 new 🆕 up 🆙 ok 🆗 free 🆓 cool 🆒
red_circle 🔴 large_blue_circle 🔵 large_green_circle 🟢 large_yellow_circle 🟡 large_orange_circle 🟠 white_circle ⚪ black_circle ⚫
large_purple_circle 🟣 large_brown_circle 🟤 red_square 🟥 large_red_square 🟥 large_green_square 🟩 large_yellow_square 🟨 large_blue_square 🟦
white_large_square ⬜ black_large_square ⬛ small_red_triangle 🔺 small_red_triangle_down 🔻 large_orange_diamond 🔶 large_blue_diamond 🔷
small_orange_diamond 🔸 small_blue_diamond 🔹 radio_button 🔘 arrow_up ⬆️ arrow_down ⬇️ arrow_left ⬅️ arrow_right ➡️ arrow_forward ▶️
arrow_backward ◀️ arrow_upper_right ↗️ arrow_lower_right ↘️ arrow_right_hook ↪️ leftwards_arrow_with_hook ↩️ arrows_counterclockwise 🔄
arrows_clockwise 🔃 repeat 🔁 fast_forward ⏩ rewind ⏪ double_vertical_bar ⏸️ pause_button ⏸️ black_square_for_stop ⏹️ stop_button ⏹️
heavy_plus_sign ➕ heavy_minus_sign ➖ wavy_dash 〰️ hash #️⃣ zero 0️⃣ one 1️⃣ two 2️⃣ three 3️⃣ four 4️⃣ five 5️⃣ six 6️⃣ seven 7️⃣ eight 8️⃣ nine 9️⃣ keycap_ten 🔟
hourglass ⌛ hourglass_flowing_sand ⏳ stopwatch ⏱️ timer_clock ⏲️ alarm_clock ⏰ watch ⌚ clock1 🕐 clock3 🕒 clock9 🕘 calendar 📆 date 📅 spiral_calendar_pad 🗓️
computer 💻 desktop_computer 🖥️ keyboard ⌨️ printer 🖨️ floppy_disk 💾 minidisc 💽 cd 💿 dvd 📀 optical_disk 💿 file_cabinet 🗄️ card_file_box 🗃️
electric_plug 🔌 battery 🔋 bulb 💡 flashlight 🔦 satellite 📡 satellite_antenna 📡 globe_with_meridians 🌐 iphone 📱 phone ☎️ telephone_receiver 📞
gear ⚙️ wrench 🔧 hammer 🔨 hammer_and_wrench 🛠️ nut_and_bolt 🔩 toolbox 🧰 link 🔗 chains ⛓️ paperclip 📎 pushpin 📌 round_pushpin 📍 scissors ✂️
lock 🔒 unlock 🔓 key 🔑 old_key 🗝️ closed_lock_with_key 🔐 shield 🛡️ bell 🔔 no_bell 🔕 loudspeaker 📢 mega 📣 speaker 🔈 sound 🔉
memo 📝 pencil 📝 pencil2 ✏️ clipboard 📋 page_facing_up 📄 page_with_curl 📃 bookmark_tabs 📑 notebook 📓 book 📖 books 📚 open_file_folder 📂 file_folder 📁
bar_chart 📊 chart_with_upwards_trend 📈 chart_with_downwards_trend 📉 moneybag 💰 credit_card 💳 receipt 🧾 package 📦 inbox_tray 📥 outbox_tray 📤
email 📧 envelope ✉️ mailbox 📫 incoming_envelope 📨 speech_balloon 💬 thought_balloon 💭 mag 🔍 mag_right 🔎 label 🏷️ bookmark 🔖 ticket 🎫
house 🏠 office 🏢 factory 🏭 hospital 🏥 bank 🏦 hotel 🏨 school 🏫 robot_face 🤖 robot 🤖 ghost 👻 alien 👽 skull 💀 skull_and_crossbones ☠️ poop 💩 hankey 💩
bug 🐛 ant 🐜 bee 🐝 beetle 🐞 snail 🐌 turtle 🐢 whale 🐳 penguin 🐧 cat 🐱 dog 🐶 unicorn_face 🦄 dragon 🐉 octopus 🐙 elephant 🐘 crab 🦀 fox_face 🦊 bear 🐻
sun_with_face 🌞 sunny ☀️ cloud ☁️ partly_sunny ⛅ rain_cloud 🌧️ thunder_cloud_and_rain ⛈️ snowflake ❄️ umbrella ☂️ rainbow 🌈 moon 🌔 crescent_moon 🌙 earth_africa 🌍
coffee ☕ tea 🍵 beer 🍺 beers 🍻 cake 🍰 birthday 🎂 pizza 🍕 popcorn 🍿 apple 🍎 cookie 🍪 seedling 🌱 evergreen_tree 🌲 four_leaf_clover 🍀 cactus 🌵 wastebasket 🗑️
soccer ⚽ dart 🎯 game_die 🎲 video_game 🎮 art 🎨 camera 📷 movie_camera 🎥 musical_note 🎵 headphones 🎧 checkered_flag 🏁 triangular_flag_on_post 🚩 white_flag 🏳️
bust_in_silhouette 👤 busts_in_silhouette 👥 male-technologist 👨‍💻 female-technologist 👩‍💻 technologist 🧑‍💻 detective 🕵️ cop 👮 construction_worker 👷 firefighter 🧑‍🚒
recycle ♻️ infinity ♾️ radioactive_sign ☢️ biohazard_sign ☣️ anchor ⚓ compass 🧭 world_map 🗺️ mountain ⛰️ volcano 🌋 comet ☄️ crystal_ball 🔮 magic_wand 🪄 ice_cube 🧊
test_tube 🧪 microscope 🔬 telescope 🔭 dna 🧬 petri_dish 🧫 pill 💊 syringe 💉 adhesive_bandage 🩹 stethoscope 🩺 brain 🧠 bone 🦴 zzz 💤 dizzy 💫 sweat_drops 💦 dash 💨
`;

const words = TABLE.trim().split(/\s+/);
const EMOJI: ReadonlyMap<string, string> = new Map(
  words.flatMap((name, at) => (at % 2 === 0 ? [[name, words[at + 1] ?? '']] : [])),
);

/** The character of `tada`; undefined where the name is not known here. A skin tone after it is ignored. */
export function emojiOf(name: string): string | undefined {
  return EMOJI.get(name.replace(/::skin-tone-\d$/, ''));
}

/** Names that begin with, or else hold, what was typed. */
export function emojiLike(typed: string, most: number): { name: string; char: string }[] {
  const all = [...EMOJI].map(([name, char]) => ({ name, char }));
  const first = all.filter(({ name }) => name.startsWith(typed));
  const rest = all.filter(({ name }) => !name.startsWith(typed) && name.includes(typed));
  return [...first, ...rest].slice(0, most);
}

/** Those one reacts with most. */
export const QUICK_REACTIONS: readonly string[] = ['white_check_mark', 'eyes', 'raised_hands', 'thumbsup', 'tada', 'x'];

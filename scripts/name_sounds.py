"""Write searchkit/statements/data/pinyin.txt: Chinese syllables, in other romanisations, and their characters.

Run by hand in an environment of its own: pip install pypinyin==0.55.0; python scripts/name_sounds.py
"""

from collections import defaultdict
from pathlib import Path

from pypinyin import Style, pinyin

FILE = Path(__file__).resolve().parent.parent / "searchkit/statements/data/pinyin.txt"
HEAD = """\
# Chinese names: pinyin | Wade-Giles without apostrophes | Palladius | characters mostly read so | family names read so.
# Version: 1. Origin: scripts/name_sounds.py, with pypinyin 0.55.0 (MIT), for the characters of GB 2312 and level 1 of
# Big5. Licence: Apache-2.0.
"""
INITIALS = {  # pinyin: Wade-Giles, Palladius
    "zh": ("ch", "чж"), "ch": ("ch", "ч"), "sh": ("sh", "ш"), "b": ("p", "б"), "p": ("p", "п"), "m": ("m", "м"),
    "f": ("f", "ф"), "d": ("t", "д"), "t": ("t", "т"), "n": ("n", "н"), "l": ("l", "л"), "g": ("k", "г"),
    "k": ("k", "к"), "h": ("h", "х"), "j": ("ch", "цз"), "q": ("ch", "ц"), "x": ("hs", "с"), "r": ("j", "ж"),
    "z": ("ts", "цз"), "c": ("ts", "ц"), "s": ("s", "с"),
}  # fmt: skip
FINALS = {  # where they differ from pinyin in Wade-Giles; Palladius
    "a": ("a", "а"), "o": ("o", "о"), "e": ("e", "э"), "ai": ("ai", "ай"), "ei": ("ei", "эй"), "ao": ("ao", "ао"),
    "ou": ("ou", "оу"), "an": ("an", "ань"), "ang": ("ang", "ан"), "en": ("en", "энь"), "eng": ("eng", "эн"),
    "ong": ("ung", "ун"), "i": ("i", "и"), "ia": ("ia", "я"), "ie": ("ieh", "е"), "iao": ("iao", "яо"),
    "iu": ("iu", "ю"), "ian": ("ien", "янь"), "iang": ("iang", "ян"), "in": ("in", "инь"), "ing": ("ing", "ин"),
    "iong": ("iung", "юн"), "u": ("u", "у"), "ua": ("ua", "уа"), "uo": ("o", "о"), "uai": ("uai", "уай"),
    "ui": ("ui", "уй"), "uan": ("uan", "уань"), "un": ("un", "унь"), "uang": ("uang", "уан"), "ue": ("ueh", "юэ"),
}  # fmt: skip
ROUNDED = {"u": "юй", "uan": "юань", "un": "юнь", "ue": "юэ"}  # behind j, q and x
COMPLETE = {
    "zhi": "chih чжи", "chi": "chih чи", "shi": "shih ши", "ri": "jih жи", "zi": "tzu цзы", "ci": "tzu цы",
    "si": "szu сы", "yi": "i и", "ya": "ya я", "yan": "yen янь", "yang": "yang ян", "yao": "yao яо",
    "ye": "yeh е", "yin": "yin инь", "ying": "ying ин", "yong": "yung юн", "you": "yu ю", "yu": "yu юй",
    "yuan": "yuan юань", "yue": "yueh юэ", "yun": "yun юнь", "er": "erh эр", "wa": "wa ва", "wai": "wai вай",
    "wan": "wan вань", "wang": "wang ван", "wei": "wei вэй", "wen": "wen вэнь", "weng": "weng вэн", "wo": "wo во",
    "wu": "wu у", "gui": "kuei гуй", "kui": "kuei куй", "hui": "hui хуэй хой", "ge": "ko гэ", "ke": "ko кэ",
    "he": "ho хэ", "guo": "kuo го", "kuo": "kuo ко", "huo": "huo хо", "shuo": "shuo шо", "a": "a а", "o": "o о",
    "e": "o э", "ai": "ai ай", "ao": "ao ао", "ou": "ou оу", "an": "an ань", "ang": "ang ан", "en": "en энь",
    "lue": "lueh люэ", "nue": "nueh нюэ", "yo": "yo йо", "lu": "lu лу люй", "nu": "nu ну нюй",
}  # fmt: skip
SURNAMES = (
    "习習蔣單"
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟"
    "谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤常温康施文牛樊葛邢安"
    "齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛"
    "靳阳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵"
    "苟邬边卞姬仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝傅官封谈匡鞠惠荆乐冀郁胥南班储栗燕楚鄢劳谌奚皮粟冼"
    "蔺楼盘满闻位厉伊仝区郜海阚花帅屠豆朴盖练廉禹井祖漆巴丰卿狄平索宣晋相初门云容敬来扈晁芮都普阙浦戈伏鹿薄邸雍辜羊"
    "阿乌母裘亓修邰赫杭况宿鲜印逯隆茹诺战慕危玉银亢嵇公湛宾戎勾茅利呼尉冶斯束檀衣張劉陳楊黃趙吳孫馬羅鄭謝許韓馮鄧蕭"
    "葉蘇呂盧鍾譚陸賈韋鄒閆龍賀顧龔萬錢嚴湯溫齊喬龐顏莊聶魯歐關蘭紀單塗駱藍華饒農繆簡車項連蘆麥婁竇黨宮費衛應閔鄔邊"
    "榮叢鞏遲鄺談樂儲諶樓滿聞厲區帥蓋練豐門雲"
)
READ_OTHERWISE = {
    "shan": "单單",
    "zeng": "曾",
    "qiu": "仇",
    "bo": "薄",
    "xie": "解",
    "zha": "查",
    "ou": "区區",
    "piao": "朴",
    "ren": "任",
    "ge": "盖蓋葛",
    "wei": "尉",
    "miao": "缪繆",
    "qin": "覃",
    "zhai": "翟",
    "yun": "员員",
    "chong": "种",
    "yue": "乐樂",
    "hua": "华華",
    "yan": "燕",
    "ning": "宁",
    "ying": "应應",
    "wan": "万萬",
    "che": "车車",
    "chao": "晁",
    "chen": "谌諶",
}
IN_NAMES = "镕喆堃赟犇玥瑄煊珺祎垚昇翀婳鋆頔"  # beyond these sets
COMPOUND = (
    "欧阳 歐陽 司马 司馬 诸葛 諸葛 上官 司徒 皇甫 尉迟 尉遲 公孙 公孫 慕容 令狐 夏侯 东方 東方 宇文 长孙 長孫 南宫 南宮"
)


def romanised(syllable: str) -> tuple[str, str]:
    """Return a syllable in Wade-Giles and in the system of Palladius, alternatives separated by blanks."""
    if syllable in COMPLETE:
        wade_giles, _, palladius = COMPLETE[syllable].partition(" ")
        return wade_giles, palladius
    initial = next(part for part in INITIALS if syllable.startswith(part))
    (latin, cyrillic), final = INITIALS[initial], syllable.removeprefix(initial)
    written, heard = FINALS[final]
    return latin + written, cyrillic + (ROUNDED.get(final, heard) if initial in "jqx" else heard)


def main() -> None:
    """Write the table."""
    characters: dict[str, str] = defaultdict(str)
    for code in range(0x4E00, 0xA000):
        character = chr(code)
        big5 = character.encode("big5", "ignore")
        if character in IN_NAMES + SURNAMES or character.encode("gb2312", "ignore") or (big5 and big5[0] <= 0xC6):
            characters[pinyin(character, style=Style.NORMAL)[0][0].replace("v", "u")] += character
    read = {character: syllable for syllable, all_read_so in characters.items() for character in all_read_so}
    read |= {character: syllable for syllable, written in READ_OTHERWISE.items() for character in written}
    families: dict[str, list[str]] = defaultdict(list)
    for name in dict.fromkeys((*SURNAMES, *"".join(READ_OTHERWISE.values()), *COMPOUND.split())):
        families["".join(map(read.__getitem__, name))].append(name)
    rows = []
    for syllable in sorted(characters.keys() | families.keys()):
        try:
            wade_giles, palladius = romanised(syllable) if syllable in characters else ("", "")
        except (KeyError, StopIteration):  # interjections: "hm", "ê"
            continue
        rows.append(
            f"{syllable} | {wade_giles} | {palladius} | {characters[syllable]} | {' '.join(families[syllable])}"
        )
    FILE.write_text("\n".join([HEAD + rows[0], *map(str.rstrip, rows[1:]), ""]), encoding="utf-8")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Writes small vocabularies of WordPiece and texts for PretrainedTokenizerTest: ci/interop/bert_texts.py FOLDER.
Tokenizations.java adds what Hugging Face's tokenizers make of the texts."""
import json
import os
import sys
import unicodedata

folder = sys.argv[1]
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
WORDS = ("the a of and to in un run runn ##ing ##ed ##s ##er ##ly ##ness want wanted aff ##able play playing hello hel ##lo"
         " world how are you don ' t new york ##or ##k token ##ization transform ##ers stra ##sse caf cafe na ##ive resume"
         " 20 ##20 ##26 100 price 3 . 14 co ##vid ##19 ist ##anbul zürich straße Stra ##ße Caf ##é The New York Hello")
TEXTS = [
    "Hello, how are you?", "UNwantéd,running", "unaffable", "the un-affable token's tokenization!",
    " \tHeLLo!how  \n Are yoU?  ", "ah\u535a\u63a8zz", "Café naïve résumé", "cafe\u0301 na\u0131\u0308ve", "ZÜRICH Straße STRASSE",
    "don't", "New York,2026: $3.14 (100%)", "[CLS] the [MASK] of [SEP] a", "[mask] [ MASK ] x[MASK]y", "\u00ad soft\u00adhyphen\u200bjoin",
    "I\u0307stanbul \u0130stanbul", "\u03a3\u03a3 \u039f\u0394\u039f\u03a3", "\ud55c\uad6d\uc5b4 \ub9d0", "\u3053\u3093\u306b\u3061\u306f\u4e16\u754c",
    "emoji \U0001f600\U0001f970 \u2764\ufe0f end", "a\u00a0b\u2003c\u3000d\u2028e\u0085f\u000bg", "x" * 99, "x" * 100, "x" * 101, "",
    "   ", "\u0000\ufffd", "\ufb01ne \u2460 \u00bd", "\u0915\u094d\u0937\u093f", "\u1fef\u037e\u2026\u201cquoted\u201d\u2014dash",
    "\U00020000\U0002a6d6\uf900\U0002f800", "e000:\ue000 0378:\u0378 61c:\u061c", "the playing newyork covid19 2020 wantedly",
    "tab\tand\rreturn\r\nlines", "\u01c4 \u1e9e \u0149", "A\u0301\u0327B", "\u1100\u1161 \uac00", "mixedCASE_with_underscore+plus=equals^hat`tick~"]
PAIRS = [("hello world", "how are you"), ("the", ""), ("", "the world"), ("the a of and", "to in un"), ("[MASK] hello", "New York")]
CUTS = [("hello how are you the a of and to in", None, 7), ("hello how are you the a of and to in", None, 2), ("unaffable", None, 3),
        ("the a of and to in un", "hello how are you", 9), ("hello how are you", "the a of and to in un", 9),
        ("the a of and to in un", "the a of and to in un", 10), ("the a", "the a of and to in un", 8),
        ("the a of and to in un", "the", 8), ("the a of and", "the a of and", 3), ("the a of and to", "a", 4)]


def vocabulary(lower):
    seen = dict.fromkeys(SPECIAL + WORDS.split())
    for text in TEXTS:
        for c in text:
            forms = [c]
            if lower:
                forms = list("".join(d for d in unicodedata.normalize("NFD", c) if unicodedata.category(d) != "Mn").lower())
            for form in forms:
                # Some characters are left unknown.
                if not form.isspace() and unicodedata.category(form)[0] != "C" and ord(form) % 11 != 5:
                    seen.setdefault(form)
                    seen.setdefault("##" + form)
    return list(seen)


def tokenizer(tokens, lower):
    ids = {token: i for i, token in enumerate(tokens)}
    special = {"id": "A", "type_id": 0}
    cls, sep = ({"SpecialToken": {"id": name, "type_id": 0}} for name in ("[CLS]", "[SEP]"))
    a, b = {"Sequence": special}, {"Sequence": {"id": "B", "type_id": 1}}
    return {
        "version": "1.0", "truncation": None, "padding": None,
        "added_tokens": [{"id": ids[name], "content": name, "single_word": False, "lstrip": False, "rstrip": False,
                          "normalized": False, "special": True} for name in SPECIAL],
        "normalizer": {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None,
                       "lowercase": lower},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {
            "type": "TemplateProcessing", "single": [cls, a, sep],
            "pair": [cls, a, sep, b, {"SpecialToken": {"id": "[SEP]", "type_id": 1}}],
            "special_tokens": {name: {"id": name, "ids": [ids[name]], "tokens": [name]} for name in ("[CLS]", "[SEP]")}},
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
                  "vocab": ids}}


for name in ("uncased", "cased"):
    lower = name == "uncased"
    tokens = vocabulary(lower)
    into = os.path.join(folder, name)
    os.makedirs(into, exist_ok=True)
    with open(os.path.join(into, "vocab.txt"), "w", encoding="utf-8") as out:
        out.writelines(token + "\n" for token in tokens)
    with open(os.path.join(into, "tokenizer_config.json"), "w", encoding="utf-8") as out:
        json.dump({"do_lower_case": lower, "unk_token": "[UNK]", "cls_token": {"__type": "AddedToken", "content": "[CLS]"},
                   "strip_accents": None, "tokenizer_class": "BertTokenizer"}, out)
    with open(os.path.join(into, "tokenizer.json"), "w", encoding="utf-8") as out:
        json.dump(tokenizer(tokens, lower), out, ensure_ascii=False, indent=0)
with open(os.path.join(folder, "texts.jsonl"), "w", encoding="utf-8") as out:
    for text in TEXTS:
        out.write(json.dumps({"text": text, "most": 512}) + "\n")
    for text, pair in PAIRS:
        out.write(json.dumps({"text": text, "pair": pair, "most": 512}) + "\n")
    for text, pair, most in CUTS:
        out.write(json.dumps({"text": text, "most": most} | ({} if pair is None else {"pair": pair})) + "\n")

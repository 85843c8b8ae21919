package org.gatefold.recipe.translate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The sample that travels with the recipe is synthetic: this makes it, and it is what is in the file. */
class SampleTest {
    private static final int PAIRS = 2400;

    /** One, many, then in German one, many and gender. */
    private static final String[][] NOUNS = {
        {"dog", "dogs", "Hund", "Hunde", "m"},
        {"cat", "cats", "Katze", "Katzen", "f"},
        {"horse", "horses", "Pferd", "Pferde", "n"},
        {"bird", "birds", "Vogel", "Vögel", "m"},
        {"man", "men", "Mann", "Männer", "m"},
        {"woman", "women", "Frau", "Frauen", "f"},
        {"child", "children", "Kind", "Kinder", "n"},
        {"king", "kings", "König", "Könige", "m"},
        {"queen", "queens", "Königin", "Königinnen", "f"},
        {"girl", "girls", "Mädchen", "Mädchen", "n"},
        {"tree", "trees", "Baum", "Bäume", "m"},
        {"town", "towns", "Stadt", "Städte", "f"},
        {"house", "houses", "Haus", "Häuser", "n"},
        {"river", "rivers", "Fluss", "Flüsse", "m"}
    };

    private static final String[][] ADJECTIVES = {
        {"big", "groß"}, {"small", "klein"}, {"old", "alt"}, {"young", "jung"}, {"red", "rot"}, {"quiet", "leis"}
    };

    /** Bare, with one, past; then in German with one, with many, and participle. */
    private static final String[][] VERBS = {
        {"see", "sees", "saw", "sieht", "sehen", "gesehen"},
        {"hear", "hears", "heard", "hört", "hören", "gehört"},
        {"love", "loves", "loved", "liebt", "lieben", "geliebt"},
        {"find", "finds", "found", "findet", "finden", "gefunden"},
        {"know", "knows", "knew", "kennt", "kennen", "gekannt"},
        {"paint", "paints", "painted", "malt", "malen", "gemalt"},
        {"look for", "looks for", "looked for", "sucht", "suchen", "gesucht"}
    };

    private static final String[][] ADVERBS = {
        {"today", "heute"}, {"often", "oft"}, {"in the evening", "am Abend"}, {"here", "hier"}
    };

    private final Random random = new Random(1);

    /** What is said of somebody, as subject and as object in German. */
    private record Phrase(String english, String subject, String object, boolean many) {}

    /** English sentences and German ones, whose words stand in another order and change with gender, number and case. */
    String pairs() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < PAIRS; i++) {
            String[] pair = sentence();
            text.append(begun(pair[0])).append('\t').append(begun(pair[1])).append('\n');
        }
        return text.toString();
    }

    private static String begun(String sentence) {
        return Character.toUpperCase(sentence.charAt(0)) + sentence.substring(1);
    }

    private String[] sentence() {
        Phrase who = phrase();
        Phrase what = phrase();
        String[] verb = pick(VERBS);
        String[] when = pick(ADVERBS);
        String says = who.many ? verb[0] : verb[1];
        String sagt = who.many ? verb[4] : verb[3];
        return switch (random.nextInt(7)) {
            case 0 ->
                both(
                        who.english + " " + says + " " + what.english + ".",
                        who.subject + " " + sagt + " " + what.object + ".");
            case 1 ->
                both(
                        who.english + " " + verb[2] + " " + what.english + ".",
                        who.subject + (who.many ? " haben " : " hat ") + what.object + " " + verb[5] + ".");
            case 2 ->
                both(
                        who.english + " can " + verb[0] + " " + what.english + " " + when[0] + ".",
                        who.subject + (who.many ? " können " : " kann ") + when[1] + " " + what.object + " " + verb[4]
                                + ".");
            case 3 ->
                both(
                        when[0] + " " + who.english + " " + says + " " + what.english + ".",
                        when[1] + " " + sagt + " " + who.subject + " " + what.object + ".");
            case 4 ->
                both(
                        (who.many ? "do " : "does ") + who.english + " " + verb[0] + " " + what.english + "?",
                        sagt + " " + who.subject + " " + what.object + "?");
            case 5 ->
                both(
                        who.english + (who.many ? " do" : " does") + " not " + verb[0] + " " + what.english + ".",
                        who.subject + " " + sagt + " " + what.object + " nicht.");
            default -> {
                Phrase speaker = phrase();
                yield both(
                        speaker.english + (speaker.many ? " say" : " says") + " that " + who.english + " " + says + " "
                                + what.english + ".",
                        speaker.subject + (speaker.many ? " sagen" : " sagt") + ", dass " + who.subject + " "
                                + what.object + " " + sagt + ".");
            }
        };
    }

    private static String[] both(String english, String german) {
        return new String[] {english, german};
    }

    private Phrase phrase() {
        String[] noun = pick(NOUNS);
        String[] adjective = pick(ADJECTIVES);
        boolean described = random.nextInt(2) == 0;
        String adds = described ? adjective[0] + " " : "";
        int gender = "mfn".indexOf(noun[4]);
        return switch (random.nextInt(4)) {
            case 0 ->
                new Phrase(
                        "the " + adds + noun[0],
                        german("der die das", "e e e", gender, described, adjective, noun[2]),
                        german("den die das", "en e e", gender, described, adjective, noun[2]),
                        false);
            case 1 ->
                new Phrase(
                        (("aeiou".indexOf((adds + noun[0]).charAt(0)) >= 0) ? "an " : "a ") + adds + noun[0],
                        german("ein eine ein", "er e es", gender, described, adjective, noun[2]),
                        german("einen eine ein", "en e es", gender, described, adjective, noun[2]),
                        false);
            case 2 -> {
                String both = german("die", "en", 0, described, adjective, noun[3]);
                yield new Phrase("the " + adds + noun[1], both, both, true);
            }
            default -> {
                String both = german("zwei", "e", 0, described, adjective, noun[3]);
                yield new Phrase("two " + adds + noun[1], both, both, true);
            }
        };
    }

    private static String german(
            String articles, String endings, int gender, boolean described, String[] adjective, String noun) {
        return articles.split(" ")[gender] + " " + (described ? adjective[1] + endings.split(" ")[gender] + " " : "")
                + noun;
    }

    private String[] pick(String[]... of) {
        return of[random.nextInt(of.length)];
    }

    @Test
    void theSampleIsWhatItIsSaidToBe() throws IOException {
        try (InputStream sample = Translate.class.getResourceAsStream("/org/gatefold/data/phrases.tsv")) {
            assertThat(new String(sample.readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo(pairs());
        }
    }
}

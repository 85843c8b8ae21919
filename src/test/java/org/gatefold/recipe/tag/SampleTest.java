package org.gatefold.recipe.tag;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The sample that travels with the recipe is synthetic: this makes it, and it is what is in the file. */
class SampleTest {
    private static final int SENTENCES = 1000;

    /** Some are places too, or other words. */
    private static final String[] FIRST = {"Ann", "Will", "Mark", "May", "Rose", "Jordan", "Florence", "Austin", "Paris"
    };

    private static final String[] PLACES = {"Rome", "Paris", "Florence", "Austin", "Jordan", "Reading"};
    private static final String[] DAYS = {"Monday", "Friday", "Sunday"};
    private static final String[] MONTHS = {"March", "May", "August"};
    private static final String[] SYLLABLES = {"ka", "lo", "mi", "ten", "bor", "vi", "sal", "dun"};
    private static final String[] BEHIND_NAMES = {"", "son", "ov"};
    private static final String[] BEHIND_PLACES = {"ville", "burg", "ham"};

    /** P stands for a person, L for a place and D for a date. */
    private static final String[] PATTERNS = {
        "P went from L to L D .",
        "P met P in L D .",
        "D P left L .",
        "we may march to L , said P .",
        "May P rest in L ?",
        "Will P mark it D ?",
        "P was reading in L .",
        "Mark the day : P and P will be in L D .",
        "the rose from L is for P .",
        "Reading is what P did D ."
    };

    private final Random random = new Random(1);

    /** Sentences of names and dates, some of words that are no names elsewhere, or are names of another kind. */
    String sentences() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < SENTENCES; i++) {
            for (String part : pick(PATTERNS).split(" ")) {
                switch (part) {
                    case "P" -> add(text, "PER", person());
                    case "L" -> add(text, "LOC", place());
                    case "D" -> date(text);
                    default -> text.append(part).append("\tO\n");
                }
            }
            text.append('\n');
        }
        return text.toString();
    }

    private static void add(StringBuilder text, String kind, String words) {
        String place = "\tB-";
        for (String word : words.split(" ")) {
            text.append(word).append(place).append(kind).append('\n');
            place = "\tI-";
        }
    }

    private String person() {
        String first = pick(FIRST);
        return random.nextInt(2) == 0 ? first : first + " " + made(BEHIND_NAMES);
    }

    private String place() {
        return switch (random.nextInt(4)) {
            case 0 -> made(BEHIND_PLACES);
            case 1 -> "New " + made(BEHIND_PLACES);
            default -> pick(PLACES);
        };
    }

    private void date(StringBuilder text) {
        switch (random.nextInt(3)) {
            case 0 -> {
                text.append("on\tO\n");
                add(text, "DATE", pick(DAYS));
            }
            case 1 -> {
                text.append("on\tO\n");
                add(text, "DATE", 1 + random.nextInt(28) + " " + pick(MONTHS));
            }
            default -> {
                text.append("in\tO\n");
                add(text, "DATE", pick(MONTHS));
            }
        }
    }

    private String made(String... endings) {
        String name = pick(SYLLABLES) + pick(SYLLABLES) + pick(endings);
        return Character.toUpperCase(name.charAt(0)) + name.substring(1);
    }

    private String pick(String... words) {
        return words[random.nextInt(words.length)];
    }

    @Test
    void theSampleIsWhatItIsSaidToBe() throws IOException {
        try (InputStream sample = Tag.class.getResourceAsStream("/org/gatefold/data/names.conll")) {
            assertThat(new String(sample.readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo(sentences());
        }
    }
}

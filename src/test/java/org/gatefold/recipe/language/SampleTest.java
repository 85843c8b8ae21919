package org.gatefold.recipe.language;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The sample that travels with the recipe is synthetic: this makes it, and it is what is in the file. */
class SampleTest {
    private static final int LINES = 2000;
    private static final String[] GIRLS = {"Ann", "Mia", "Eve", "Joan"};
    private static final String[] BOYS = {"Tom", "Ben", "Max", "Luke"};
    private static final String[] ANIMALS = {"cat", "dog", "hen", "snail", "bird", "frog"};
    private static final String[] THINGS = {"apple", "pear", "pot", "spade", "rake", "seed", "egg"};
    private static final String[] KINDS = {"old", "small", "red", "green", "heavy"};
    private static final String[] PLACES = {"in the shed", "by the pond", "behind the wall", "near the gate", "at home"
    };
    private static final String[] DOINGS = {"sleep", "sing", "wait", "look", "run"};
    private static final String[] NUMBERS = {"one", "two", "three", "four", "five", "six", "seven"};

    private final Random random = new Random(1);

    /** Lines whose words depend on words far before them: on number, on persons, on things, on what was counted last. */
    String lines() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < LINES; i++) {
            text.append(
                            switch (random.nextInt(4)) {
                                case 0 -> agreement() + " " + agreement();
                                case 1 -> moving();
                                case 2 -> counting();
                                default -> saying();
                            })
                    .append('\n');
        }
        return text.toString();
    }

    /** The verb agrees with the first noun, whatever the second one is. */
    private String agreement() {
        boolean many = random.nextBoolean();
        String subject = "the " + pick(KINDS) + " " + pick(ANIMALS) + (many ? "s" : "");
        String clause = "that " + pick(DOINGS) + (many ? "" : "s") + " with the " + pick(ANIMALS)
                + (random.nextBoolean() ? "s" : "");
        return subject + " " + clause + " " + pick(PLACES) + " " + pick(DOINGS) + (many ? "" : "s") + " .";
    }

    /** Pronouns agree with the person and the things, which come again. */
    private String moving() {
        boolean girl = random.nextBoolean();
        boolean many = random.nextBoolean();
        String name = pick(girl ? GIRLS : BOYS);
        String thing = pick(KINDS) + " " + pick(THINGS) + (many ? "s" : "");
        String place = pick(PLACES);
        return name + " has " + (many ? "some " : "the ") + thing + " . " + (girl ? "she" : "he") + " leaves "
                + (many ? "them" : "it") + " " + place + " . now the " + thing + (many ? " are " : " is ") + place
                + " , and " + name + " has " + (many ? "none" : "nothing") + " .";
    }

    private String counting() {
        String thing = pick(THINGS);
        StringBuilder line = new StringBuilder(pick(random.nextBoolean() ? GIRLS : BOYS)).append(" counts : ");
        int count = 2 + random.nextInt(NUMBERS.length - 1);
        for (int i = 0; i < count; i++) {
            line.append(NUMBERS[i]).append(' ').append(thing).append(i == 0 ? " , " : "s , ");
        }
        return line + "and that is all .";
    }

    /** Who is asked answers, of what was asked. */
    private String saying() {
        String first = pick(GIRLS);
        String second = pick(BOYS);
        String animal = pick(ANIMALS);
        return first + " asks " + second + " : \" where is the " + animal + " ? \" \" the " + animal + " is "
                + pick(PLACES) + " , " + first + " , \" says " + second + " .";
    }

    private String pick(String... words) {
        return words[random.nextInt(words.length)];
    }

    @Test
    void theSampleIsWhatItIsSaidToBe() throws IOException {
        try (InputStream sample = LanguageModel.class.getResourceAsStream("/org/gatefold/data/garden.txt")) {
            assertThat(new String(sample.readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo(lines());
        }
    }
}

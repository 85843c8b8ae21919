package org.gatefold.recipe.classify;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The sample that travels with the recipe is synthetic: this makes it, and it is what is in the file. */
class SampleTest {
    private static final int ROWS = 1200;
    private static final String[] THINGS = {"the room", "the food", "the staff", "the view", "breakfast"};
    private static final String[][] WORDS = {
        {"awful", "dirty", "rude", "noisy"},
        {"lovely", "clean", "friendly", "quiet"}
    };
    private static final String[] STRESS = {"", "very ", "quite "};

    private final Random random = new Random(1);

    /** Opinions of one clause or two, some denied. The clause behind "but" counts, and that before "although". */
    String reviews() {
        StringBuilder text = new StringBuilder("text,label\n");
        for (int row = 0; row < ROWS; row++) {
            int kind = random.nextInt(2);
            text.append(
                            switch (random.nextInt(4)) {
                                case 0 -> clause(1 - kind) + " but " + clause(kind);
                                case 1 -> clause(kind) + " although " + clause(1 - kind);
                                case 2 -> clause(kind) + " and " + clause(kind);
                                default -> clause(kind);
                            })
                    .append(kind == 1 ? ".,kind\n" : ".,unkind\n");
        }
        return text.toString();
    }

    private String clause(int kind) {
        boolean denied = random.nextInt(3) == 0;
        String thing = THINGS[random.nextInt(THINGS.length)];
        String word = STRESS[random.nextInt(STRESS.length)] + pick(WORDS[denied ? 1 - kind : kind]);
        return thing + (denied ? " was not " : " was ") + word;
    }

    private String pick(String... words) {
        return words[random.nextInt(words.length)];
    }

    @Test
    void theSampleIsWhatItIsSaidToBe() throws IOException {
        try (InputStream sample = Classify.class.getResourceAsStream("/org/gatefold/data/reviews.csv")) {
            assertThat(new String(sample.readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo(reviews());
        }
    }
}

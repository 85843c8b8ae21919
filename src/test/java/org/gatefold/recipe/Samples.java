package org.gatefold.recipe;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import org.gatefold.recipe.option.Option;
import org.gatefold.recipe.option.Options;

/** Recipes by name, and the beginnings of the samples that travel with them. Stateless. */
final class Samples {
    /** Enough for a header and a window of the longest default. */
    private static final int MOST_LINES = 101;

    /** Lines may be long, as those of films, each of which takes as long as many others. */
    private static final int MOST_CHARACTERS = 40_000;

    private static final int FEWEST_LINES = 33;

    /** Options that only some recipes have. */
    private static final Map<String, Integer> SIZES = Map.of("embedding", 4, "filters", 4);

    private Samples() {}

    /** The recipe of a name. */
    static Recipe recipe(String name) {
        return Recipes.all().stream()
                .filter(recipe -> recipe.describe().name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /**
     * Two passes with a network as small as the recipe's options make it, so that what a test asks of every recipe takes a
     * second each.
     *
     * @param more further options, by name
     */
    static Options small(Recipe recipe, Map<String, ?> more) {
        Map<String, Object> chosen = new LinkedHashMap<>(Map.of("epochs", 2, "hidden", 3, "batch", 16));
        Options options = recipe.describe().options();
        Set<String> names = options.all().stream().map(Option::name).collect(Collectors.toSet());
        SIZES.forEach((name, size) -> {
            if (names.contains(name)) {
                chosen.put(name, size);
            }
        });
        chosen.putAll(more);
        return options.given(chosen);
    }

    /** The first lines of a recipe's sample, unpacked. */
    static List<String> lines(Recipe recipe) throws IOException {
        try (InputStream raw =
                        recipe.getClass().getResourceAsStream(recipe.describe().sample());
                BufferedInputStream packed = new BufferedInputStream(raw)) {
            packed.mark(2);
            boolean gzip = packed.read() == 0x1f && packed.read() == 0x8b;
            packed.reset();
            InputStream text = gzip ? new GZIPInputStream(packed) : packed;
            List<String> lines = new ArrayList<>();
            int characters = 0;
            for (String line : new String(text.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .limit(MOST_LINES)
                    .toList()) {
                characters += line.length();
                if (lines.size() >= FEWEST_LINES && characters > MOST_CHARACTERS) {
                    break;
                }
                lines.add(line);
            }
            return lines;
        }
    }
}

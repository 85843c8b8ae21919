package org.gatefold.recipe;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;

/** The recipes on the class path. Stateless. */
public final class Recipes {
    private Recipes() {}

    /** All recipes, by name. */
    public static List<Recipe> all() {
        return ServiceLoader.load(Recipe.class).stream()
                .map(ServiceLoader.Provider::get)
                .sorted(Comparator.comparing(recipe -> recipe.describe().name()))
                .toList();
    }

    /** The recipe of a name. */
    static Optional<Recipe> named(String name) {
        return all().stream()
                .filter(recipe -> recipe.describe().name().equals(name))
                .findFirst();
    }
}

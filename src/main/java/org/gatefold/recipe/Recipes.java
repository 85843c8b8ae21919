package org.gatefold.recipe;

import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;

/** The recipes on the class path. Stateless. */
public final class Recipes {
    private Recipes() {}

    /**
     * All recipes, by name.
     *
     * @throws IllegalStateException if two have the same name
     * @throws java.util.ServiceConfigurationError if one is named as a service, but cannot be made
     */
    public static List<Recipe> all() {
        Map<String, Recipe> all = new TreeMap<>();
        for (Recipe recipe : ServiceLoader.load(Recipe.class)) {
            String name = recipe.describe().name();
            Recipe other = all.putIfAbsent(name, recipe);
            if (other != null) {
                throw new IllegalStateException(
                        "recipe '" + name + "': expected one of this name on the class path, got "
                                + other.getClass().getName() + " and "
                                + recipe.getClass().getName());
            }
        }
        return List.copyOf(all.values());
    }

    /** The names of all recipes, as messages list them. */
    static List<String> names() {
        return all().stream().map(recipe -> recipe.describe().name()).toList();
    }
}

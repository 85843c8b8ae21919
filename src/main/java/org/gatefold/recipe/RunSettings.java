package org.gatefold.recipe;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.gatefold.file.Json;
import org.gatefold.file.JsonFields;
import org.gatefold.recipe.field.Fields;
import org.gatefold.recipe.option.Options;
import org.gatefold.recipe.option.UsageException;

/**
 * All that fixes a run, as {@code settings.json} keeps it, so that a run is resumed as it began: with the options it began
 * with, on the same data, prepared in the same way. Immutable.
 *
 * @param data what is trained on
 * @param valid what the best epoch is found by; null if that is a part of {@code data}, or none
 * @param test what is tested on; null if that is the rest of {@code data}
 * @param options all of them, defaults too
 * @param fields fitted to the rows that are trained on
 */
record RunSettings(DataFile data, DataFile valid, DataFile test, Options options, Fields fields) {
    private static final String RECIPE = "recipe";
    private static final String DATA = "data";
    private static final String VALID = "valid";
    private static final String TEST = "test";
    private static final String SECOND = "Second";
    private static final String HASH = "Sha256";
    static final String OPTIONS = "options";
    private static final String FIELDS = "fields";

    String json(String recipe) {
        JsonObject json = new JsonObject();
        json.addProperty(RECIPE, recipe);
        add(json, DATA, data);
        if (valid != null) {
            add(json, VALID, valid);
        }
        if (test != null) {
            add(json, TEST, test);
        }
        json.add(OPTIONS, options.json());
        json.add(FIELDS, fields.state());
        return Json.pretty(json) + "\n";
    }

    private static void add(JsonObject json, String name, DataFile file) {
        json.addProperty(name, file.first().path());
        json.addProperty(name + HASH, file.first().hash());
        // Its path is among the options.
        if (file.second() != null) {
            json.addProperty(name + SECOND + HASH, file.second().hash());
        }
    }

    /**
     * Reads what {@link #json} wrote, and the data that it names.
     *
     * @throws org.gatefold.file.FileException naming file and field of what is missing or impossible
     * @throws IllegalArgumentException naming the file of data that has changed
     */
    static RunSettings read(Recipe recipe, RecipeDescription description, JsonFields saved) throws IOException {
        if (!saved.text(RECIPE).equals(description.name())) {
            throw saved.wrong(RECIPE, "expected " + description.name() + ", got " + saved.text(RECIPE), null);
        }
        Options options = description.options().read(saved.fields(OPTIONS));
        return new RunSettings(
                data(recipe, description, options, saved, DATA),
                saved.has(VALID + HASH) ? data(recipe, description, options, saved, VALID) : null,
                saved.has(TEST + HASH) ? data(recipe, description, options, saved, TEST) : null,
                options,
                description.fields(options).restored(saved.fields(FIELDS)));
    }

    private static DataFile data(
            Recipe recipe, RecipeDescription description, Options options, JsonFields saved, String name)
            throws IOException {
        Path file = saved.has(name) ? path(saved, name) : null;
        Path second = name.equals(VALID) ? null : second(description, options, saved, file, name.equals(TEST));
        requireUnchanged(recipe, description, options, file, saved.text(name + HASH));
        if (second != null) {
            requireUnchanged(recipe, description, options, second, saved.text(name + SECOND + HASH));
        }
        try {
            return DataFile.read(recipe, description, options, file, second).prepared(description, options);
        } catch (IllegalArgumentException e) {
            throw saved.wrong(OPTIONS, "the data, which is as it was, cannot be read by them: " + e.getMessage(), e);
        }
    }

    private static void requireUnchanged(
            Recipe recipe, RecipeDescription description, Options options, Path file, String hash) throws IOException {
        String found = DataFile.hash(recipe, description, options, file);
        if (!found.equals(hash)) {
            throw new IllegalArgumentException((file == null ? description.sampleName() : file.toString())
                    + ": has changed since the run began: expected SHA-256 " + hash + ", got " + found
                    + "; bring it back, or begin a new run");
        }
    }

    private static Path second(
            RecipeDescription description, Options options, JsonFields saved, Path file, boolean tested) {
        try {
            return description.second(options, file, tested);
        } catch (UsageException e) {
            throw saved.wrong(OPTIONS, e.getMessage(), e);
        }
    }

    private static Path path(JsonFields saved, String name) {
        try {
            return Path.of(saved.text(name));
        } catch (InvalidPathException e) {
            throw saved.wrong(name, "expected the path of a file: " + e.getMessage(), e);
        }
    }
}

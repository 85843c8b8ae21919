package org.gatefold.recipe;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.gatefold.data.table.Table;
import org.gatefold.file.FileFailure;
import org.gatefold.file.HashedStream;
import org.gatefold.recipe.option.Options;

/**
 * A table with where it came from. Immutable.
 *
 * @param first the file, or the only one
 * @param second the file with the rest of its columns; null if all are in the first
 * @param table what was read
 */
record DataFile(Origin first, Origin second, Table table) {
    /**
     * A file that was read. Immutable.
     *
     * @param path absolute; null for the sample that travels with a recipe
     * @param hash of all its bytes, SHA-256 in hexadecimal; of a folder, of names and bytes of its files
     */
    record Origin(String path, String hash) {}

    boolean isSample() {
        return first.path == null;
    }

    /** What tells this data from other data. */
    String hash() {
        return second == null ? first.hash : first.hash + "+" + second.hash;
    }

    /** Names and hashes, for people. */
    String words() {
        String file = isSample() ? table.source() + ", which travels with Gatefold" : first.path;
        return file + "; SHA-256 " + first.hash
                + (second == null ? "" : "; " + second.path + "; SHA-256 " + second.hash);
    }

    /**
     * Reads a table.
     *
     * @param options by which it is read
     * @param file null for the recipe's sample
     * @param second the rest of its columns; null if they are in the first file
     */
    static DataFile read(Recipe recipe, RecipeDescription description, Options options, Path file, Path second)
            throws IOException {
        RecipeDescription.Folder folders = description.folders(options);
        if (file != null && folders != null && folders.reads().test(file)) {
            Origin folder = new Origin(file.toAbsolutePath().toString(), hash(folders, file));
            return new DataFile(folder, null, folders.table().of(file));
        }
        if (second == null) {
            return read(recipe, description, description.format(options), file);
        }
        SecondFiles pairs = description.secondFiles();
        RecipeDescription.Format each = pairs.each().apply(options);
        DataFile left = read(recipe, description, each, file);
        DataFile right = read(recipe, description, each, second);
        return new DataFile(left.first, right.first, pairs.join().apply(left.table, right.table));
    }

    /**
     * The hash that {@link #read} tells of a file, whatever the options make of it.
     *
     * @param file null for the recipe's sample
     */
    static String hash(Recipe recipe, RecipeDescription description, Options options, Path file) throws IOException {
        RecipeDescription.Folder folders = description.folders(options);
        if (file != null && folders != null && folders.reads().test(file)) {
            return hash(folders, file);
        }
        return read(recipe, description, (source, stream) -> null, file).first.hash;
    }

    private static String hash(RecipeDescription.Folder folders, Path folder) throws IOException {
        MessageDigest digest = HashedStream.sha256();
        for (Path file : folders.files().of(folder)) {
            digest.update(folder.toAbsolutePath()
                    .relativize(file.toAbsolutePath())
                    .toString()
                    .getBytes(StandardCharsets.UTF_8));
            digest.update((byte) 0);
            try (InputStream stream = new DigestInputStream(Files.newInputStream(file), digest)) {
                stream.transferTo(OutputStream.nullOutputStream());
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static DataFile read(
            Recipe recipe, RecipeDescription description, RecipeDescription.Format format, Path file)
            throws IOException {
        if (file == null) {
            try (InputStream stream = recipe.getClass().getResourceAsStream(description.sample())) {
                if (stream == null) {
                    throw new IOException(
                            "recipe '" + description.name() + "': there is no resource " + description.sample());
                }
                return read(format, null, description.sampleName(), stream);
            }
        }
        if (Files.isDirectory(file)) {
            throw new IOException("cannot read " + file + ": it is a directory");
        }
        try (InputStream stream = Files.newInputStream(file)) {
            return read(format, file.toAbsolutePath().toString(), file.toString(), stream);
        } catch (NoSuchFileException e) {
            throw new IOException("cannot read " + file + ": no such file", e);
        } catch (FileSystemException e) {
            throw new IOException("cannot read " + file + ": " + FileFailure.reason(e), e);
        }
    }

    private static DataFile read(RecipeDescription.Format format, String file, String name, InputStream stream)
            throws IOException {
        HashedStream hashed = new HashedStream(stream);
        Table table = format.read(name, hashed);
        return new DataFile(new Origin(file, hashed.hash()), null, table);
    }

    /** The table as it is split or answered. */
    DataFile prepared(RecipeDescription description, Options options) {
        return new DataFile(first, second, description.prepared(table, options));
    }
}

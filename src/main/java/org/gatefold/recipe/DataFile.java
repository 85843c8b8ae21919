package org.gatefold.recipe;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.gatefold.data.table.Table;
import org.gatefold.file.FileFailure;

/**
 * A table with where it came from. Immutable.
 *
 * @param file the file as an absolute path; null for the sample that travels with a recipe
 * @param hash of all its bytes, SHA-256 in hexadecimal
 * @param table what was read
 */
record DataFile(String file, String hash, Table table) {
    /**
     * Reads a table.
     *
     * @param file null for the recipe's sample
     */
    static DataFile read(Recipe recipe, RecipeDescription description, Path file) throws IOException {
        if (file == null) {
            String name = description.sample().substring(description.sample().lastIndexOf('/') + 1);
            try (InputStream stream = recipe.getClass().getResourceAsStream(description.sample())) {
                if (stream == null) {
                    throw new IOException(
                            "recipe '" + description.name() + "': there is no resource " + description.sample());
                }
                return read(description, null, name, stream);
            }
        }
        if (Files.isDirectory(file)) {
            throw new IOException("cannot read " + file + ": it is a directory");
        }
        try (InputStream stream = Files.newInputStream(file)) {
            return read(description, file.toAbsolutePath().toString(), file.toString(), stream);
        } catch (NoSuchFileException e) {
            throw new IOException("cannot read " + file + ": no such file", e);
        } catch (FileSystemException e) {
            throw new IOException("cannot read " + file + ": " + FileFailure.reason(e), e);
        }
    }

    private static DataFile read(RecipeDescription description, String file, String name, InputStream stream)
            throws IOException {
        // A reader need not read to the end, and may close what it was given: neither may cut the hash short.
        DigestInputStream digested = new DigestInputStream(stream, sha256()) {
            @Override
            public void close() {}
        };
        Table table = description.format().read(name, digested);
        digested.transferTo(OutputStream.nullOutputStream());
        return new DataFile(
                file, HexFormat.of().formatHex(digested.getMessageDigest().digest()), table);
    }

    /** The table after what the options say about missing values. */
    DataFile prepared(RecipeDescription description, Options options) {
        return new DataFile(file, hash, description.prepared(table, options));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}

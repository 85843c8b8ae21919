package org.gatefold.cli.output;

import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import org.gatefold.file.FileFailure;

/** Turns what was thrown into one line for the user. Stateless. */
public final class Complaint {
    private Complaint() {}

    public static String of(Throwable failure) {
        if (failure instanceof UncheckedIOException unchecked) {
            return of(unchecked.getCause());
        }
        if (failure instanceof FileSystemException file) {
            return file.getFile() + ": " + FileFailure.reason(file);
        }
        if (failure instanceof OutOfMemoryError) {
            return "the Java heap is too small; give more with GATEFOLD_JAVA_OPTS=-Xmx8g";
        }
        String message = failure.getMessage();
        if (message == null || message.isBlank()) {
            return failure.getClass().getSimpleName() + " (--debug shows where)";
        }
        return message.lines().map(String::strip).reduce((a, b) -> a + " " + b).orElse(message);
    }
}

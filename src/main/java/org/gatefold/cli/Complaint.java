package org.gatefold.cli;

import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Locale;

/** Turns what was thrown into one line for the user. Stateless. */
final class Complaint {
    private Complaint() {}

    static String of(Throwable failure) {
        if (failure instanceof UncheckedIOException unchecked) {
            return of(unchecked.getCause());
        }
        if (failure instanceof FileSystemException file) {
            return file.getFile() + ": " + reason(file);
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

    /** Why a file or folder could not be used, without its name. */
    static String reason(FileSystemException failure) {
        if (failure instanceof NoSuchFileException) {
            return "no such file or folder";
        }
        if (failure instanceof AccessDeniedException) {
            return "access denied";
        }
        if (failure instanceof FileAlreadyExistsException) {
            return "it is a file";
        }
        return failure.getReason() == null
                ? failure.getClass().getSimpleName()
                : failure.getReason().toLowerCase(Locale.ROOT);
    }
}

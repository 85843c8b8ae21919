package org.gatefold.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.gatefold.data.audio.Recording;
import org.gatefold.recipe.RunFolder;
import org.gatefold.recipe.SpeechStream;

/** Plays a recording to a stream, piece by piece, as a microphone would. One thread. */
record Streaming(SpeechStream stream) {
    private static final int PIECES_OF_A_SECOND = 10;

    /** As CSV, the seconds heard and the text so far, each time that it changes, and at the end. */
    String lines(Recording recording) throws IOException {
        float[] samples = recording.at(stream.rate()).samples();
        int piece = Math.max(1, stream.rate() / PIECES_OF_A_SECOND);
        List<List<String>> lines = new ArrayList<>();
        String before = "";
        for (int from = 0; from < samples.length; from += piece) {
            int to = Math.min(samples.length, from + piece);
            String text = text(stream.hear(Arrays.copyOfRange(samples, from, to)));
            if (!text.equals(before)) {
                lines.add(List.of(seconds(to), text));
                before = text;
            }
        }
        lines.add(List.of(seconds(samples.length), text(stream.end())));
        return RunFolder.csv(List.of("seconds", "text"), lines);
    }

    private String seconds(int samples) {
        return String.format(Locale.ROOT, "%.2f", (double) samples / stream.rate());
    }

    private static String text(List<SpeechStream.Word> words) {
        return words.stream().map(SpeechStream.Word::text).collect(Collectors.joining(" "));
    }
}

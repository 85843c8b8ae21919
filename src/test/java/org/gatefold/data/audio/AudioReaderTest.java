package org.gatefold.data.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.sound.sampled.AudioFileFormat;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AudioReaderTest {
    @TempDir
    private Path folder;

    private AudioReader reader;

    @BeforeEach
    void create() {
        reader = AudioReader.create().cache(new FeatureCache(folder.resolve("cache")));
    }

    /** A tone of 0.1 seconds. */
    private Path tone(String name, int rate, double hertz) throws IOException {
        byte[] data = new byte[rate / 10 * 2];
        for (int i = 0; i < data.length / 2; i++) {
            int sample = (int) Math.round(20_000 * Math.sin(2 * Math.PI * hertz * i / rate));
            data[2 * i] = (byte) sample;
            data[2 * i + 1] = (byte) (sample >> 8);
        }
        Path file = folder.resolve("in").resolve(name);
        Files.createDirectories(file.getParent());
        AudioFormat format = new AudioFormat(rate, 16, 1, true, false);
        AudioSystem.write(
                new AudioInputStream(new ByteArrayInputStream(data), format, data.length / 2),
                AudioFileFormat.Type.WAVE,
                file.toFile());
        return file;
    }

    @Test
    void readsFoldersOfClassesAndBringsAllToTheFirstRate() throws IOException {
        tone("low/a.wav", 8000, 300);
        tone("high/b.wav", 16_000, 2000);
        Files.writeString(folder.resolve("in/notes.txt"), "no sound");
        AudioTable table = reader.rate(8000).read(folder.resolve("in"));
        assertThat(table.names()).containsExactly("audio", "label");
        assertThat(table.text("label")).containsExactly("high", "low");
        assertThat(table.rowName(0)).isEqualTo("high/b.wav");
        assertThat(table.logMel(0)).hasDimensions(11, 40);
        assertThat(loudest(table.logMel(0))).isGreaterThan(loudest(table.logMel(1)));
        assertThat(reader.read(folder.resolve("in")).way().rate()).isEqualTo(16_000);
    }

    private static int loudest(float[]... features) {
        int best = 0;
        for (int band = 0; band < features[5].length; band++) {
            best = features[5][band] > features[5][best] ? band : best;
        }
        return best;
    }

    @Test
    void takesRatesAboveThatOfSpeechDown() throws IOException {
        assertThat(reader.read(tone("a.wav", 44_100, 300).getParent()).way().rate())
                .isEqualTo(16_000);
    }

    @Test
    void findsClassesInNames() throws IOException {
        tone("one_1.wav", 8000, 300);
        tone("two_1.wav", 8000, 400);
        AudioTable table = reader.labels(Pattern.compile("^(\\w+)_")).read(folder.resolve("in"));
        assertThat(table.text("label")).containsExactly("one", "two");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> reader.labels(Pattern.compile("^(one)_")).read(folder.resolve("in")))
                .withMessage(folder.resolve("in/two_1.wav")
                        + ": expected a class in its name or a folder of its class, as others have, got none");
    }

    @Test
    void readsLists() throws IOException {
        tone("a.wav", 8000, 300);
        Path far = tone("deep/b.wav", 8000, 400);
        Path list = Files.writeString(folder.resolve("list.tsv"), "label\tpath\nx\tin/a.wav\ny\t" + far + "\n");
        assertThat(AudioReader.isSeveral(list)).isTrue();
        AudioTable table = reader.read(list);
        assertThat(table.text("label")).containsExactly("x", "y");
        assertThat(AudioReader.files(list))
                .containsExactly(list, folder.resolve("in/a.wav"), folder.resolve("in/deep/b.wav"));
        Files.writeString(list, "path\nin/none.wav\n");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> reader.read(list))
                .withMessage(
                        list + ", line 2, column 'path': expected a recording, got 'in/none.wav', which is no file");
    }

    /** The second file is brought to the rate of the first. */
    @Test
    void readsFilesOneAfterTheOtherAsOneRecording() throws IOException {
        Path first = tone("a.wav", 8000, 300);
        Path second = tone("b.wav", 16_000, 500);
        Path list = folder.resolve("list.csv");
        Files.writeString(list, "path,text\nin/a.wav|in/b.wav,low high\nin/b.wav,high\n");
        AudioTable table = reader.read(list);
        float[] before = AudioFile.read(first).samples();
        float[] behind = AudioFile.read(second).at(8000).samples();
        float[] both = Arrays.copyOf(before, before.length + behind.length);
        System.arraycopy(behind, 0, both, before.length, behind.length);
        assertThat(table.logMel(0)).isDeepEqualTo(new LogMel(8000, 25, 10, 40).of(new Recording(8000, both)));
        assertThat(table.rowName(0)).isEqualTo("in/a.wav|in/b.wav");
        assertThat(table.text("label")).containsExactly("low high", "high");
        assertThat(AudioReader.files(list)).containsExactly(list, first, second, second);
        Files.writeString(list, "path\nin/a.wav|none.wav\n");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> reader.read(list))
                .withMessage(list + ", line 2, column 'path': expected a recording, got 'none.wav', which is no file");
    }

    @Test
    void leavesOutWhatIsDamaged() throws IOException {
        tone("x/a.wav", 8000, 300);
        Files.write(folder.resolve("in/x/b.wav"), new byte[20]);
        assertThat(reader.read(folder.resolve("in")).rows()).isEqualTo(1);
        Files.delete(folder.resolve("in/x/a.wav"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> reader.read(folder.resolve("in")))
                .withMessageStartingWith(folder.resolve("in")
                        + ": expected recordings (WAV, FLAC, MP3, Ogg), found none that is sound among 1; "
                        + folder.resolve("in/x/b.wav"));
    }

    @Test
    void takesFeaturesThatWereKept() throws IOException {
        Path file = tone("a.wav", 8000, 300);
        float[][] first = reader.read(file.getParent()).logMel(0);
        FeatureCache cache = new FeatureCache(folder.resolve("cache"));
        String key = FeatureCache.key(new LogMel(8000, 25, 10, 40).description(), List.of(Files.readAllBytes(file)));
        assertThat(cache.find(key)).isDeepEqualTo(first);
        first[3][3] = 42;
        cache.keep(key, first);
        assertThat(reader.read(file.getParent()).logMel(0)[3][3]).isEqualTo(42);
    }

    private static ByteArrayInputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void readsARecordingALine() throws IOException {
        AudioTable table = reader.read("a.csv", stream("label,rate,samples\nx,1000,8080ff00\ny,1000,80\n"));
        assertThat(table.text("label")).containsExactly("x", "y");
        assertThat(table.rowName(1)).isEqualTo("2");
        for (String line : List.of("x,1000,8", "x,1000,", "x,1000,8g", "x,0,80", "x,0.5,80")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> reader.read("a.csv", stream("label,rate,samples\n" + line + "\n")))
                    .withMessageStartingWith("a.csv, line 2, column '");
        }
    }

    @Test
    void readsARecordingAlone() throws IOException {
        Path file = tone("a.wav", 8000, 300);
        AudioTable table = reader.read("some.wav", new ByteArrayInputStream(Files.readAllBytes(file)));
        assertThat(table.names()).containsExactly("audio");
        assertThat(table.rowName(0)).isEqualTo("some.wav");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> reader.read("some.wav", new ByteArrayInputStream(new byte[50])))
                .withMessageStartingWith("some.wav: is no audio file");
        try (Stream<Path> left = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            assertThat(left.filter(path -> path.toString().endsWith(".audio"))).isEmpty();
        }
    }

    @Test
    void complainsOfMoreBandsThanFrequencies() throws IOException {
        Path file = tone("a.wav", 8000, 300);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> reader.bands(300).read(file.getParent()))
                .withMessageStartingWith("bands: expected fewer than 300 at 8000 Hz");
    }
}

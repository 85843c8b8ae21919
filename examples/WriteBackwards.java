import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.gatefold.data.Batches;
import org.gatefold.data.text.Vocabulary;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.model.Model;
import org.gatefold.seq2seq.EncoderDecoder;
import org.gatefold.seq2seq.Translator;
import org.gatefold.train.Trainer;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.optimizer.Adam;

/** Learns from pairs of words to write a word backwards, as one learns to translate from pairs of sentences. */
public final class WriteBackwards {
    public static void main(String[] args) {
        Vocabulary letters = Vocabulary.of(List.of(Vocabulary.UNKNOWN, "<s>", "</s>", "a", "b", "c", "d", "e"));
        int[][] words = words(600, 1);
        int[][] others = words(60, 2);
        try (Device device = Devices.cpu();
                Model model = EncoderDecoder.of(letters.size(), letters.size())
                        .embedding(8)
                        .units(12, 24)
                        .bidirectional()
                        .network()
                        .on(device)
                        .seed(1)
                        .build();
                Translator translator = Translator.of(model)) {
            Trainer.of(model)
                    .loss(Loss.crossEntropy())
                    .optimizer(Adam.of(1e-2f))
                    .clipNorm(1f)
                    .fit(Batches.of(EncoderDecoder.pairs(words, backwards(words)), 20).shuffled(1), 20);
            int[][] written = translator.translate(others, 4);
            int[][] expected = backwards(others);
            int right = 0;
            for (int row = 0; row < others.length; row++) {
                right += Arrays.equals(written[row], expected[row]) ? 1 : 0;
            }
            List<String> shown = new ArrayList<>(letters.tokens(others[3]));
            shown.add("->");
            shown.addAll(letters.tokens(written[3]));
            System.out.printf("%d of %d words right, such as %s%n", right, others.length, String.join(" ", shown));
        }
    }

    /** Words of one to four letters. */
    private static int[][] words(int count, long seed) {
        Random random = new Random(seed);
        int[][] words = new int[count][];
        for (int row = 0; row < count; row++) {
            words[row] = random.ints(1 + row % 4, 3, 8).toArray();
        }
        return words;
    }

    private static int[][] backwards(int[][] words) {
        int[][] reversed = new int[words.length][];
        for (int row = 0; row < words.length; row++) {
            reversed[row] = new int[words[row].length];
            for (int i = 0; i < reversed[row].length; i++) {
                reversed[row][i] = words[row][words[row].length - 1 - i];
            }
        }
        return reversed;
    }
}

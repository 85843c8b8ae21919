package org.gatefold.data.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WordShapeTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "Rome|Xx",
                "USA|XX",
                "A|X",
                "iPhone|xXx",
                "McDonald's|XxXx'x",
                "2nd|dx",
                "1,250.00|d,d.d",
                "#tag|#x",
                "...|.",
                "Żółw|Xx",
                "ǅ|X",
                "\ud835\udc00\ud835\udfce\ud83d\ude00|Xd\ud83d\ude00",
                "``|``",
            })
    void tellsHowAWordIsWritten(String word, String shape) {
        assertThat(WordShape.of(word)).isEqualTo(shape);
    }
}

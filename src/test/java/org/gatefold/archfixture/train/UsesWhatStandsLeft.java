package org.gatefold.archfixture.train;

import com.google.gson.JsonObject;
import org.gatefold.archfixture.data.Rows;
import org.gatefold.archfixture.device.Place;
import org.gatefold.archfixture.op.Contract;
import org.slf4j.Logger;

/** Keeps every rule: train sees device, op and data, numbers, arrays and the log. */
public final class UsesWhatStandsLeft {
    Place place;
    Contract contract;
    Rows rows;
    Logger log;
    JsonObject json;
    float[][] numbers;
    Contract[] contracts;

    int sum(int... values) {
        return values.length + numbers.length;
    }
}

namespace Recipes.Data;

// Whether the parts of a reinforced sample fit each other.
internal static class ReinforcedCheck
{
    private const double Tolerance = 0.01; // a row that was rounded to bfloat16 has its length to about 0.002

    public static IReadOnlyList<string> Problems(ReinforcedSample sample, IReadOnlyList<int>? teachers)
    {
        var problems = new List<string>();
        if (sample.Captions.Count == 0)
            problems.Add("it has no caption");
        if (sample.Augmentations.Count == 0)
            problems.Add("it has no augmentation");
        for (var i = 0; i < sample.Augmentations.Count; i++)
            problems.AddRange(sample.Augmentations[i].Problems().Select(p => $"augmentation {i}: {p}"));
        var asked = teachers is not { Count: 0 };
        teachers = asked ? teachers : null;
        var width = sample.ImageEmbeddings?.Width;
        Rows(ReinforcedNames.ImageRows, sample.ImageEmbeddings, sample.Augmentations.Count, "augmentations");
        Rows(ReinforcedNames.TextRows, sample.TextEmbeddings, sample.Captions.Count, "captions");
        foreach (var synthetic in sample.Synthetic)
            Rows(
                synthetic.Key + ReinforcedNames.RowsEnding,
                synthetic.Embeddings,
                synthetic.Captions.Count,
                "captions of " + synthetic.Key
            );
        return problems;

        void Rows(string name, EmbeddingTable? table, int expected, string what)
        {
            if (table is null)
            {
                if (asked)
                    problems.Add($"{name} is missing");
                return;
            }
            if (table.Rows != expected)
                problems.Add($"{name} has {table.Rows} rows for {expected} {what}");
            if (teachers is not null && table.Width != teachers.Sum())
                problems.Add(
                    $"{name} is {table.Width} wide; expected {teachers.Sum()}, {teachers.Count} teachers of {string.Join(" + ", teachers)}"
                );
            else if (table.Width != width)
                problems.Add($"{name} is {table.Width} wide, {ReinforcedNames.ImageRows} {width?.ToString() ?? "missing"}");
            else if (Length(table, teachers) is { } wrong)
                problems.Add($"{name}: {wrong}");
        }
    }

    // Each teacher's part has length 1; where the parts are not known, the squares sum to a whole number.
    private static string? Length(EmbeddingTable table, IReadOnlyList<int>? teachers)
    {
        var row = new float[table.Width];
        for (var i = 0; i < table.Rows; i++)
        {
            table.Row(i, row);
            var at = 0;
            foreach (var part in teachers ?? [table.Width])
            {
                var squares = 0.0;
                foreach (var value in row.AsSpan(at, part))
                    squares += (double)value * value;
                at += part;
                var expected = teachers is null ? Math.Max(1, Math.Round(squares)) : 1;
                // The square of a length that is off by the tolerance is off by twice that.
                if (!(Math.Abs(squares - expected) <= 2 * Tolerance * expected))
                    return $"row {i} has length {Math.Sqrt(squares):G4}, expected {(expected == 1 ? "1" : "1 for each teacher")}";
            }
        }
        return null;
    }
}

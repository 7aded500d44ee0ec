using System.Text;
using System.Text.Json;
using Recipes.Weights;

namespace Recipes.Data;

// A reinforced sample as files; texts are those that ml-mobileclip-dr's TarWriter gives.
internal static class ReinforcedWriter
{
    public static IReadOnlyList<(string Ending, byte[] Content)> Write(ReinforcedSample sample, ReinforcedLayout layout)
    {
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        if (sample.Image is not null)
            files[sample.ImageKind] = sample.Image;
        if (sample.Url is not null)
            files[ReinforcedNames.Url] = Encoding.UTF8.GetBytes(sample.Url);
        if (sample.Captions.Count > 0)
            files[ReinforcedNames.Caption] = Encoding.UTF8.GetBytes(sample.Captions[0]);
        if (Rest(sample) is { } rest)
            files[ReinforcedNames.Rest] = Encoding.UTF8.GetBytes(rest);
        files[ReinforcedNames.Augmentations] = Encoding.UTF8.GetBytes(Augmentations(sample, layout.Older));
        if (sample.Synthetic.Count > 0)
            files[ReinforcedNames.Synthetic] = Encoding.UTF8.GetBytes(Synthetic(sample));
        var arrays = Arrays(sample, layout);
        if (arrays.Count > 0 && layout.Precision == EmbeddingPrecision.Float32)
            files[ReinforcedNames.Numpy] = NpzFile.Write(arrays);
        else if (arrays.Count > 0)
            files[ReinforcedNames.PyTorch] = PyTorchArrays.WriteGzip(arrays);
        return [.. files.Select(f => (f.Key, f.Value))];
    }

    /// <summary>Properties as an object, as Python writes it.</summary>
    public static string Object(IEnumerable<(string Name, JsonElement Value)> properties)
    {
        var json = new StringBuilder("{");
        foreach (var (name, value) in properties)
            PythonJson.Value(PythonJson.Text(json.Length > 1 ? json.Append(", ") : json, name).Append(": "), value);
        return json.Append('}').ToString();
    }

    private static string? Rest(ReinforcedSample sample)
    {
        if (sample.Captions.Count < 2)
            return sample.Json;
        var json = new StringBuilder("{");
        PythonJson.Text(json, ReinforcedNames.CaptionsKey).Append(": ");
        PythonJson.List(json, sample.Captions, (to, caption) => PythonJson.Text(to, caption));
        using var rest = JsonDocument.Parse(sample.Json ?? "{}");
        foreach (var property in rest.RootElement.EnumerateObject())
            PythonJson.Value(PythonJson.Text(json.Append(", "), property.Name).Append(": "), property.Value);
        return json.Append('}').ToString();
    }

    private static string Augmentations(ReinforcedSample sample, bool older)
    {
        var list = PythonJson.List(new StringBuilder(), sample.Augmentations, StoredAugmentationJson.Write).ToString();
        var json = PythonJson.Text(new StringBuilder("{"), ReinforcedNames.AugmentationsKey).Append(": ");
        return (older ? PythonJson.Text(json, list) : json.Append(list)).Append('}').ToString();
    }

    private static string Synthetic(ReinforcedSample sample)
    {
        var json = new StringBuilder("{");
        foreach (var synthetic in sample.Synthetic)
        {
            PythonJson.Text(json.Length > 1 ? json.Append(", ") : json, synthetic.Key).Append(": ");
            PythonJson.List(json, synthetic.Captions, (to, caption) => PythonJson.Text(to, caption));
        }
        return json.Append('}').ToString();
    }

    private static List<KeyValuePair<string, DenseArray>> Arrays(ReinforcedSample sample, ReinforcedLayout layout)
    {
        var arrays = new List<KeyValuePair<string, DenseArray>>();
        Add(ReinforcedNames.ImageRows, sample.ImageEmbeddings);
        var text = sample.TextEmbeddings;
        if (layout.Older)
            text = sample.Synthetic.Aggregate(text, (all, s) => s.Embeddings is { } own ? all?.Append(own) : all);
        Add(ReinforcedNames.TextRows, text);
        foreach (var synthetic in sample.Synthetic.Where(_ => !layout.Older))
            Add(synthetic.Key + ReinforcedNames.RowsEnding, synthetic.Embeddings);
        foreach (var (name, table) in sample.Others.OrderBy(o => o.Key, StringComparer.Ordinal))
            Add(name, table);
        return arrays;

        void Add(string name, EmbeddingTable? table)
        {
            if (table is null)
                return;
            var kept = layout.Precision == EmbeddingPrecision.Float32 ? table.ToFloat32() : table.ToBfloat16();
            arrays.Add(KeyValuePair.Create(name, kept.ToDense()));
        }
    }
}

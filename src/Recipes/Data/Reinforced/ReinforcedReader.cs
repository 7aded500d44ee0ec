using System.Text;
using System.Text.Json;
using Recipes.Weights;

namespace Recipes.Data;

// The files of one key, read; what is wrong is collected.
internal sealed class ReinforcedReader(string key, IReadOnlyDictionary<string, byte[]> members, bool embedded = true)
{
    private const int MostRows = 1 << 16;
    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly List<string> _problems = [];

    public IReadOnlyList<string> Problems => _problems;

    public ReinforcedSample Read()
    {
        var image = ReinforcedNames.Images.FirstOrDefault(members.ContainsKey);
        var (captions, rest) = Captions();
        var texts = Synthetic();
        var tables = Tables();
        var text = Take(tables, ReinforcedNames.TextRows);
        var synthetic = new List<SyntheticCaptions>();
        // The older layout: the synthetic captions' rows come after the captions'.
        var at = captions.Count;
        var joined = text is not null && text.Rows > at && at > 0;
        foreach (var (name, list) in texts)
        {
            var own = Take(tables, name + ReinforcedNames.RowsEnding);
            if (joined && own is null && text!.Rows - at >= list.Count)
            {
                own = text.Slice(at, list.Count);
                at += list.Count;
            }
            synthetic.Add(new SyntheticCaptions(name, list, own));
        }
        if (joined && at == text!.Rows)
            text = text.Slice(0, captions.Count);
        return new ReinforcedSample
        {
            Key = key,
            Image = image is null ? null : members[image],
            ImageKind = image ?? "jpg",
            Url = Text(ReinforcedNames.Url, needed: false),
            Captions = captions,
            Augmentations = Augmentations(),
            Synthetic = synthetic,
            ImageEmbeddings = Take(tables, ReinforcedNames.ImageRows),
            TextEmbeddings = text,
            Others = tables,
            Json = rest,
        };
    }

    // The text member, or several captions of the json member that begin with it.
    private (IReadOnlyList<string> Captions, string? Left) Captions()
    {
        var caption = Text(ReinforcedNames.Caption, needed: true);
        IReadOnlyList<string> captions = caption is null ? [] : [caption];
        if (Text(ReinforcedNames.Rest, needed: false) is not { } rest)
            return (captions, null);
        using var json = Parse(ReinforcedNames.Rest);
        if (json?.RootElement is not { ValueKind: JsonValueKind.Object } root)
        {
            if (json is not null)
                _problems.Add($"{ReinforcedNames.Rest}: expected an object");
            return (captions, null);
        }
        if (
            !root.TryGetProperty(ReinforcedNames.CaptionsKey, out var all)
            || Texts(all) is not { Count: > 1 } several
            || several[0] != caption
        )
            return (captions, rest);
        var others = root.EnumerateObject().Where(p => p.Name != ReinforcedNames.CaptionsKey).ToList();
        return (several, others.Count == 0 ? null : ReinforcedWriter.Object(others.Select(p => (p.Name, p.Value))));
    }

    private List<(string Key, IReadOnlyList<string> Captions)> Synthetic()
    {
        var found = new List<(string, IReadOnlyList<string>)>();
        using var json = Parse(ReinforcedNames.Synthetic);
        if (json is null)
            return found;
        if (json.RootElement.ValueKind != JsonValueKind.Object)
        {
            _problems.Add($"{ReinforcedNames.Synthetic}: expected an object of lists of texts");
            return found;
        }
        foreach (var property in json.RootElement.EnumerateObject())
        {
            if (Texts(property.Value) is { } texts)
                found.Add((property.Name, texts));
            else
                _problems.Add($"{ReinforcedNames.Synthetic}: {property.Name}: expected a list of texts");
        }
        return found;
    }

    private List<StoredAugmentation> Augmentations()
    {
        if (!Has(ReinforcedNames.Augmentations))
            return [];
        using var json = Parse(ReinforcedNames.Augmentations);
        if (json is null)
            return [];
        if (
            json.RootElement.ValueKind != JsonValueKind.Object
            || !json.RootElement.TryGetProperty(ReinforcedNames.AugmentationsKey, out var list)
        )
        {
            _problems.Add($"{ReinforcedNames.Augmentations}: {ReinforcedNames.AugmentationsKey} is missing");
            return [];
        }
        if (list.ValueKind != JsonValueKind.String)
            return Augmentations(list);
        // The published sets: JSON in a string.
        using var inner = Parse(ReinforcedNames.Augmentations, Encoding.UTF8.GetBytes(list.GetString()!));
        return inner is null ? [] : Augmentations(inner.RootElement);
    }

    private List<StoredAugmentation> Augmentations(JsonElement list)
    {
        var augmentations = new List<StoredAugmentation>();
        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() > MostRows)
        {
            _problems.Add($"{ReinforcedNames.Augmentations}: {ReinforcedNames.AugmentationsKey}: expected a list of augmentations");
            return augmentations;
        }
        foreach (var item in list.EnumerateArray())
        {
            if (StoredAugmentationJson.Read(item) is { } read)
                augmentations.Add(read);
            else
                _problems.Add(
                    $"{ReinforcedNames.Augmentations}: augmentation {augmentations.Count}: expected [[top, left, height, width], [[operation, magnitude], ...] or null], found {StoredAugmentationJson.Short(item)}"
                );
        }
        return augmentations;
    }

    private Dictionary<string, EmbeddingTable> Tables()
    {
        var tables = new Dictionary<string, EmbeddingTable>(StringComparer.Ordinal);
        try
        {
            var arrays =
                members.TryGetValue(ReinforcedNames.Numpy, out var numpy) ? NpzFile.Read(numpy, ReinforcedNames.Numpy)
                : members.TryGetValue(ReinforcedNames.PyTorch, out var torch) ? PyTorchArrays.Read(torch, ReinforcedNames.PyTorch)
                : null;
            if (arrays is null && embedded)
                _problems.Add($"{ReinforcedNames.Numpy} or {ReinforcedNames.PyTorch} is missing");
            foreach (var (name, array) in arrays ?? new Dictionary<string, DenseArray>(StringComparer.Ordinal))
            {
                if (EmbeddingTable.Of(array, out var table) is { } problem)
                    _problems.Add($"{name}: {problem}");
                else
                    tables.Add(name, table!);
            }
        }
        catch (RecipesException e)
        {
            _problems.AddRange(e.Problems.Select(p => $"embeddings: {p}"));
        }
        return tables;
    }

    private static EmbeddingTable? Take(Dictionary<string, EmbeddingTable> tables, string name) =>
        tables.Remove(name, out var table) ? table : null;

    private static List<string>? Texts(JsonElement list) =>
        list.ValueKind == JsonValueKind.Array
        && list.GetArrayLength() <= MostRows
        && list.EnumerateArray().All(t => t.ValueKind == JsonValueKind.String)
            ? [.. list.EnumerateArray().Select(t => t.GetString()!)]
            : null;

    private bool Has(string member)
    {
        if (members.ContainsKey(member))
            return true;
        _problems.Add($"{member} is missing");
        return false;
    }

    private string? Text(string member, bool needed)
    {
        if (!members.TryGetValue(member, out var bytes))
        {
            if (needed)
                _problems.Add($"{member} is missing");
            return null;
        }
        try
        {
            return s_utf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            _problems.Add($"{member} is no UTF-8 text");
            return null;
        }
    }

    private JsonDocument? Parse(string member, byte[]? inner = null)
    {
        if (!members.TryGetValue(member, out var bytes))
            return null;
        try
        {
            return JsonDocument.Parse(inner ?? bytes);
        }
        catch (JsonException e)
        {
            _problems.Add($"{member} is no JSON ({e.Message.TrimEnd('.')})");
            return null;
        }
    }
}

using System.IO.Compression;
using System.Text.Json;

namespace Recipes.Data;

// Readers of vocabularies, packed by gzip or not: Hugging Face's tokenizer.json, GPT-2's pair of files, CLIP's list of merges.
internal static class VocabularyFile
{
    private static readonly string[] FolderNames = ["tokenizer.json", "tokenizer.json.gz", "vocab.json", "vocab.json.gz"];

    private const long MostBytes = 256L << 20;

    /// <summary>A tokenizer.json, or vocab.json with merges.txt beside it, or a folder of either.</summary>
    public static Vocabulary Open(string path)
    {
        if (Directory.Exists(path))
            path =
                FolderNames.Select(name => Path.Combine(path, name)).FirstOrDefault(File.Exists)
                ?? throw new RecipesException(
                    $"{path}: expected tokenizer.json, or vocab.json and merges.txt, in this folder, found neither."
                );
        if (!Path.GetFileName(path).StartsWith("vocab", StringComparison.Ordinal))
            return Tokenizer(path);
        var merges = Path.Combine(Path.GetDirectoryName(path) ?? "", "merges.txt");
        return Pair(path, File.Exists(merges) ? merges : merges + ".gz");
    }

    /// <summary>A Hugging Face tokenizer.json of the kind BPE.</summary>
    public static Vocabulary Tokenizer(string path) =>
        Reading(
            path,
            text =>
            {
                using var json = JsonDocument.Parse(text);
                if (json.RootElement.ValueKind != JsonValueKind.Object || !json.RootElement.TryGetProperty("model", out var model))
                    throw new FormatException("no 'model'");
                var added = json.RootElement.TryGetProperty("added_tokens", out var list)
                    ? list.EnumerateArray()
                        .Select(a => new AddedToken(
                            a.GetProperty("content").GetString()!,
                            a.GetProperty("id").GetInt32(),
                            a.GetProperty("special").GetBoolean(),
                            a.GetProperty("normalized").GetBoolean()
                        ))
                        .Where(a => a.Text.Length > 0)
                        .ToList()
                    : [];
                return new Vocabulary(
                    path,
                    Ids(model.GetProperty("vocab")),
                    [.. model.GetProperty("merges").EnumerateArray().Select(Merge)],
                    added
                );
            }
        );

    /// <summary>GPT-2's two files: ids of tokens as JSON, merges one a line.</summary>
    public static Vocabulary Pair(string vocabulary, string merges)
    {
        var lines = Reading(merges, text => Lines(text).ToList());
        return Reading(
            vocabulary,
            text =>
            {
                using var json = JsonDocument.Parse(text);
                return new Vocabulary(vocabulary, Ids(json.RootElement), lines, []);
            }
        );
    }

    /// <summary>CLIP's bpe_simple_vocab_16e6.txt: 48,894 of its merges make a vocabulary of 49,408.</summary>
    public static Vocabulary Clip(string path) =>
        Reading(
            path,
            text =>
            {
                const int merges = 49152 - 256 - 2;
                var used = Lines(text).Take(merges).ToList();
                if (used.Count < merges)
                    throw new FormatException($"only {used.Count} merges, {merges} are needed");
                var bytes = ByteAlphabet.Ordered.Select(c => c.ToString()).ToList();
                string[] all =
                [
                    .. bytes,
                    .. bytes.Select(b => b + "</w>"),
                    .. used.Select(m => m.Replace(" ", "")),
                    "<|startoftext|>",
                    "<|endoftext|>",
                ];
                var tokens = new Dictionary<string, int>(all.Length, StringComparer.Ordinal);
                for (var i = 0; i < all.Length; i++)
                    tokens[all[i]] = i;
                return new Vocabulary(path, tokens, used, []);
            }
        );

    // The first line names the format.
    private static IEnumerable<string> Lines(string text) =>
        text.Split('\n').Select(line => line.TrimEnd('\r')).Where((line, i) => line.Length > 0 && !(i == 0 && line.Contains("#version")));

    private static string Merge(JsonElement merge) =>
        merge.ValueKind == JsonValueKind.String
            ? merge.GetString()!
            : string.Join(' ', merge.EnumerateArray().Select(part => part.GetString()));

    private static Dictionary<string, int> Ids(JsonElement json)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var token in json.EnumerateObject())
            ids[token.Name] = token.Value.GetInt32();
        return ids.Count > 0 ? ids : throw new FormatException("it holds no tokens");
    }

    private static T Reading<T>(string path, Func<string, T> read)
    {
        try
        {
            return read(Text(path));
        }
        catch (Exception e)
            when (e
                    is IOException
                        or UnauthorizedAccessException
                        or InvalidDataException
                        or JsonException
                        or FormatException
                        or InvalidOperationException
                        or KeyNotFoundException
            )
        {
            throw new RecipesException(
                $"{path}: cannot be read as a vocabulary ({e.Message.TrimEnd('.')}). Give tokenizer.json, vocab.json with merges.txt, or CLIP's bpe_simple_vocab_16e6.txt.gz.",
                e
            );
        }
    }

    private static string Text(string path)
    {
        using var file = File.OpenRead(path);
        var packed = file.ReadByte() == 0x1f && file.ReadByte() == 0x8b;
        file.Position = 0;
        using var stream = packed ? new GZipStream(file, CompressionMode.Decompress) : (Stream)file;
        using var memory = new MemoryStream();
        var block = new byte[1 << 16];
        for (var n = stream.Read(block); n > 0; n = stream.Read(block))
        {
            memory.Write(block, 0, n);
            if (memory.Length > MostBytes)
                throw new InvalidDataException($"more than {MostBytes >> 20} MiB of text");
        }
        return System.Text.Encoding.UTF8.GetString(memory.GetBuffer(), 0, (int)memory.Length);
    }
}

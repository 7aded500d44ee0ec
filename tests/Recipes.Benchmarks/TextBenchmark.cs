using System.IO.Compression;
using System.Text.RegularExpressions;
using Microsoft.ML.Tokenizers;
using Recipes.Data;

namespace Recipes.Benchmarks;

/// <summary>Tokens of GPT-2's vocabulary, by the package's own tokenizer and by ours, which gives the same ids. Needs the vocabulary; else no table.</summary>
internal static partial class TextBenchmark
{
    public static IEnumerable<Table> Run(BenchmarkOptions options)
    {
        var roots = DataRoots.Default;
        var folder = roots.Find(["tokenizers/gpt2"], f => File.Exists(Path.Combine(f, "encoder.json.gz")));
        var texts = roots.Find(["text"], f => File.Exists(Path.Combine(f, "tinyshakespeare.txt.gz")));
        if (folder is null || texts is null)
            yield break;
        var (vocabulary, merges) = (Path.Combine(folder, "encoder.json.gz"), Path.Combine(folder, "vocab.bpe.gz"));
        using var reader = new StreamReader(Unpacked(Path.Combine(texts, "tinyshakespeare.txt.gz")));
        // Single spaces: CodeGen has tokens of its own for longer runs.
        var text = string.Join(
            ' ',
            reader.ReadToEnd()[..(options.Quick ? 100_000 : 1_000_000)].Split(' ', StringSplitOptions.RemoveEmptyEntries)
        );
        var ours = new ByteLevelText(VocabularyFile.Pair(vocabulary, merges), Words());
        using var tokens = Unpacked(vocabulary);
        using var ranks = Unpacked(merges);
        var theirs = CodeGenTokenizer.Create(tokens, ranks);
        if (!theirs.EncodeToIds(text).SequenceEqual(ours.Encode(text, special: false)))
            throw new RecipesException("GPT-2's ids differ from those of Microsoft.ML.Tokenizers.");
        var count = ours.Encode(text, special: false).Count;
        yield return Table.Measure(
            $"{count} tokens of GPT-2's vocabulary",
            2,
            options.Rounds,
            new Arm("CodeGenTokenizer", () => Cost.Of(() => theirs.EncodeToIds(text))),
            new Arm("Recipes", () => Cost.Of(() => ours.Encode(text, special: false)))
        );
    }

    private static MemoryStream Unpacked(string path)
    {
        using var file = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        var memory = new MemoryStream();
        file.CopyTo(memory);
        memory.Position = 0;
        return memory;
    }

    [GeneratedRegex(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+", RegexOptions.CultureInvariant)]
    private static partial Regex Words();
}

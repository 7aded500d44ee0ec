using System.Globalization;
using System.Text.RegularExpressions;

namespace Recipes.Data;

/// <summary>
/// What names shards: a tar, a folder (all tars in it and below), <c>*</c> and <c>?</c> in a file's name, and braces as a shell has them:
/// <c>cc-{000000..000003}.tar</c>, <c>{noto,emojitwo}.tar</c>.
/// </summary>
internal static partial class ShardPaths
{
    private const int Most = 1_000_000;

    /// <summary>The files that paths name, each path's in order of name.</summary>
    /// <param name="paths">As the class says; relative to the working folder, else to a root.</param>
    /// <param name="roots">Where relative paths are looked for.</param>
    /// <exception cref="RecipesException">A path names no shard; all of them are listed.</exception>
    public static IReadOnlyList<string> Expand(IEnumerable<string> paths, DataRoots roots)
    {
        var (files, problems) = (new List<string>(), new List<string>());
        foreach (var path in paths.SelectMany(Braces))
        {
            var found = roots.Folders.Select(root => Path.Combine(root, path)).Prepend(path).Select(Files).FirstOrDefault(f => f.Count > 0);
            if (found is null)
                problems.Add(
                    Directory.Exists(path)
                        ? $"{path}: expected shards ({string.Join(' ', TarShard.Endings)}), found none in this folder or below"
                        : $"{path}: no such file, folder or pattern, here or in {string.Join(", ", roots.Folders)}"
                );
            else
                files.AddRange(found);
        }
        if (files.Count == 0 && problems.Count == 0)
            problems.Add("expected at least one path of shards, found none");
        RecipesException.ThrowIfAny("shards: not found.", problems);
        return files;
    }

    /// <summary>Whether a file's name is that of a shard.</summary>
    public static bool IsShard(string path) => TarShard.Endings.Any(e => path.EndsWith(e, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether a folder or pattern names shards.</summary>
    public static bool Exist(string path) => Braces(path).Any(p => Files(p).Exists(IsShard));

    /// <summary>All that a pattern with braces stands for, in order.</summary>
    /// <exception cref="RecipesException">A range is too long or runs backwards.</exception>
    public static IReadOnlyList<string> Braces(string pattern)
    {
        // Windows and Unix allow braces in names: what exists is meant as it is.
        if (Path.Exists(pattern) || Brace().Match(pattern) is not { Success: true } match)
            return [pattern];
        var (before, after) = (pattern[..match.Index], pattern[(match.Index + match.Length)..]);
        return [.. Choices(match, pattern).SelectMany(choice => Braces(before + choice + after))];
    }

    private static IEnumerable<string> Choices(Match match, string pattern)
    {
        var (first, last) = (match.Groups["first"].Value, match.Groups["last"].Value);
        if (first.Length == 0)
            return match.Groups["list"].Value.Split(',');
        if (
            !long.TryParse(first, CultureInfo.InvariantCulture, out var from)
            || !long.TryParse(last, CultureInfo.InvariantCulture, out var to)
            || to < from
            || to - from >= Most
        )
            throw new RecipesException(
                $"{pattern}: {{{first}..{last}}} is no range; expected two numbers, the second larger, at most {Most:N0} apart."
            );
        var digits = new string('0', first.Length);
        return Enumerable.Range(0, (int)(to - from) + 1).Select(i => (from + i).ToString(digits, CultureInfo.InvariantCulture));
    }

    private static List<string> Files(string path)
    {
        if (File.Exists(path))
            return [path];
        if (Directory.Exists(path))
            return Sorted(Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Where(IsShard));
        var (folder, name) = (Path.GetDirectoryName(path), Path.GetFileName(path));
        folder = string.IsNullOrEmpty(folder) ? "." : folder;
        return name.AsSpan().IndexOfAny('*', '?') >= 0 && Directory.Exists(folder)
            ? Sorted(Directory.EnumerateFiles(folder, name).Where(IsShard))
            : [];
    }

    private static List<string> Sorted(IEnumerable<string> files) => [.. files.Order(StringComparer.Ordinal)];

    [GeneratedRegex(@"\{(?:(?<first>\d+)\.\.(?<last>\d+)|(?<list>[^{}]*,[^{}]*))\}")]
    private static partial Regex Brace();
}

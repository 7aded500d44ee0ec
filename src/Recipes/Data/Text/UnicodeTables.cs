using System.Globalization;

namespace Recipes.Data;

// What unicode.txt holds, read at first use. This library runs without ICU (InvariantGlobalization), where string.Normalize does nothing.
internal sealed class UnicodeTables
{
    private static readonly Lazy<UnicodeTables> Loaded = new(() => new UnicodeTables());

    private readonly Dictionary<int, byte> _classes = [];
    private readonly Dictionary<(int, int), int> _pairs = [];
    private readonly Dictionary<int, int[]> _parts = [];
    private readonly Dictionary<int, string> _usual = [];
    private readonly HashSet<int> _unstable = [];

    private UnicodeTables()
    {
        using var stream = typeof(UnicodeTables).Assembly.GetManifestResourceStream("Recipes.Data.unicode.txt")!;
        using var reader = new StreamReader(stream);
        var section = "";
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#'))
                section = line[2..];
            else
                foreach (var entry in line.Split(' '))
                    Add(section, entry);
        }
        _unstable.UnionWith(_classes.Keys);
        _unstable.UnionWith(_pairs.Keys.Select(p => p.Item2));
        _unstable.UnionWith([.. Enumerable.Range(0x1161, 21), .. Enumerable.Range(0x11A8, 27)]);
    }

    public static UnicodeTables Shared => Loaded.Value;

    /// <summary>The canonical combining class; 0 for most.</summary>
    public int Class(int point) => _classes.GetValueOrDefault(point);

    /// <summary>The character that two make, or -1.</summary>
    public int Pair(int first, int second) => _pairs.GetValueOrDefault((first, second), -1);

    /// <summary>The canonical parts of a character, or null.</summary>
    public int[]? Parts(int point) => _parts.GetValueOrDefault(point);

    /// <summary>What a ligature or a character of full or half width stands for, or null.</summary>
    public string? Usual(int point) => _usual.GetValueOrDefault(point);

    /// <summary>Whether a text with this character may have another normal form.</summary>
    public bool IsUnstable(int point) => _unstable.Contains(point);

    private void Add(string section, string entry)
    {
        var at = entry.IndexOfAny([':', '=']);
        var (left, right) = (entry[..at], entry[(at + 1)..]);
        if (section.StartsWith("class", StringComparison.Ordinal))
        {
            foreach (var range in right.Split(','))
            {
                var ends = range.Split('-');
                for (var point = Hex(ends[0]); point <= Hex(ends[^1]); point++)
                    _classes[point] = byte.Parse(left, CultureInfo.InvariantCulture);
            }
            return;
        }
        int[] parts = [.. right.Split('+').Select(Hex)];
        if (section.StartsWith("usual", StringComparison.Ordinal))
        {
            _usual[Hex(left)] = string.Concat(parts.Select(char.ConvertFromUtf32));
            return;
        }
        _parts[Hex(left)] = parts;
        if (section.StartsWith("pairs", StringComparison.Ordinal))
            _pairs[(parts[0], parts[1])] = Hex(left);
        else
            _unstable.Add(Hex(left));
    }

    private static int Hex(string digits) => int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}

using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using FSharp.Compiler.DependencyManager;
using Microsoft.FSharp.Core;

namespace Recipes.Notebook.Cells.Languages;

/// <summary>
/// <c>#r "nuget:Package,version"</c> and <c>#i "nuget:source"</c>, through the F# compiler's package manager: it restores with the
/// <c>dotnet</c> command, hence from the user's own feeds, and both languages get what it finds.
/// </summary>
internal sealed partial class Packages : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    private readonly List<(string Directive, string Text)> _lines = [];
    private readonly List<string> _assemblies = [];
    private readonly List<string> _roots = [];
    private readonly string _folder = Directory.CreateTempSubdirectory("recipes-packages-").FullName;
    private readonly DependencyProvider _provider;

    public Packages() =>
        _provider = new DependencyProvider(
            new AssemblyResolutionProbe(() => _assemblies),
            new NativeResolutionProbe(() => _roots),
            useResultsCache: false
        );

    /// <summary>Adds a source; the next package is looked for there too.</summary>
    public void AddSource(string line) => _lines.Add(("i", Reference(line, "#i")));

    /// <summary>Restores a package together with those before it.</summary>
    /// <returns>The assemblies that are new.</returns>
    /// <exception cref="CellException">It cannot be restored: the restore's own errors.</exception>
    public IReadOnlyList<string> Add(string line)
    {
        var text = Reference(line, "#r");
        var errors = new List<string>();
        ResolvingErrorReport report = new(
            (kind, _, message) =>
            {
                if (kind.IsError)
                    errors.Add(message);
            }
        );
        var manager = _provider.TryFindDependencyManagerByKey(
            [AppContext.BaseDirectory],
            _folder,
            FSharpOption<string>.None,
            report,
            "nuget"
        );
        if (manager is null)
            throw CellException.Magic(
                $"{line}: the package manager (FSharp.DependencyManager.Nuget.dll) is not beside the compiler. {string.Join(" ", errors)}"
            );
        var result = _provider.Resolve(
            manager,
            ".fsx",
            _lines.Append(("r", text)).Select(l => Tuple.Create(l.Item1, l.Item2)),
            report,
            $"net{Environment.Version.Major}.0",
            RuntimeInformation.RuntimeIdentifier,
            Environment.CurrentDirectory,
            "cell.fsx",
            "cell.fsx",
            (int)_patience.TotalMilliseconds
        );
        if (!result.Success)
            throw CellException.Magic(string.Join("\n", Reasons(line, errors, result)));
        _lines.Add(("r", text));
        string[] found = [.. result.Resolutions.Except(_assemblies, StringComparer.Ordinal)];
        _assemblies.AddRange(found);
        _roots.AddRange(result.Roots.Except(_roots, StringComparer.Ordinal));
        return found;
    }

    public void Dispose()
    {
        ((IDisposable)_provider).Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    // The restore's own error lines say it best; the project it restores is nobody's business.
    private static IEnumerable<string> Reasons(string line, List<string> errors, IResolveDependenciesResult result)
    {
        yield return $"{line} cannot be restored:";
        var restore = result
            .StdOut.Concat(result.StdError)
            .Select(l => Code().Match(l))
            .Where(m => m.Success)
            .Select(m => "  " + m.Value)
            .Distinct()
            .ToList();
        foreach (var reason in restore.Count > 0 ? restore : errors)
            yield return reason;
        yield return "  Packages come from your own NuGet sources ('dotnet nuget list source'); add one for this notebook with #i \"nuget:SOURCE\".";
    }

    private static string Reference(string line, string directive) =>
        Quoted().Match(line) is { Success: true } m
            ? m.Groups[1].Value.Trim()
            : throw CellException.Magic($"{line}: expected {directive} \"nuget:…\".");

    [GeneratedRegex("\"\\s*nuget:([^\"]+)\"", RegexOptions.IgnoreCase)]
    private static partial Regex Quoted();

    [GeneratedRegex(@"(?<=error )NU\d+: .*?(?= \[|$)")]
    private static partial Regex Code();
}

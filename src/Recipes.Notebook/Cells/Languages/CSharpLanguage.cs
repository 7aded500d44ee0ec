using System.Reflection;
using System.Runtime.ExceptionServices;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Scripting;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Scripting;
using Microsoft.CodeAnalysis.Scripting.Hosting;
using Recipes.Notebook.Cells.Execution;
using Recipes.Notebook.Documents;

namespace Recipes.Notebook.Cells.Languages;

/// <summary>C# cells on Roslyn's scripting: each cell is a submission that sees the ones before it.</summary>
internal sealed class CSharpLanguage : ICellLanguage, IDisposable
{
    internal static readonly string[] Imports =
    [
        "System",
        "System.Collections.Generic",
        "System.IO",
        "System.Linq",
        "System.Text",
        "System.Threading",
        "System.Threading.Tasks",
        "Recipes.Notebook.Display",
        "Recipes.Notebook.Display.Displays",
    ];

    private readonly InteractiveAssemblyLoader _loader = new();
    private readonly HashSet<string> _registered = [];
    private readonly CSharpCompletion _completion;
    private ScriptOptions _options;
    private ScriptState<object>? _state;

    public CSharpLanguage()
    {
        _options = ScriptOptions
            .Default.WithReferences(
                CellReferences
                    .Framework.Concat(CellReferences.Ours)
                    .Select(p => MetadataReference.CreateFromFile(p, documentation: Documentation.Of(p)))
            )
            .WithMetadataResolver(new CellReferenceResolver())
            .WithSourceResolver(ScriptSourceResolver.Default.WithBaseDirectory(Environment.CurrentDirectory))
            .WithImports(Imports)
            .WithLanguageVersion(LanguageVersion.Latest)
            .WithAllowUnsafe(true)
            .WithOptimizationLevel(OptimizationLevel.Release)
            .WithEmitDebugInformation(true)
            .WithFileEncoding(System.Text.Encoding.UTF8);
        _completion = new CSharpCompletion();
    }

    public string Name => CellLanguages.CSharp;

    public async Task<CellValue> RunAsync(string code, string cell, CancellationToken cancellation)
    {
        var options = _options.WithFilePath(cell);
        var script = _state is null
            ? CSharpScript.Create<object>(code, options, assemblyLoader: _loader)
            : _state.Script.ContinueWith<object>(code, options);
        Check(CellThread.Shielded(() => script.Compile(cancellation)));
        var compilation = script.GetCompilation();
        // On this thread: what runs before the first await is the user's code.
        var state = _state is null
            ? await script.RunAsync(globals: null, _ => true, CancellationToken.None)
            : await script.RunFromAsync(_state, _ => true, CancellationToken.None);
        // A cell that declares nothing would only make the chain longer, and every later compilation slower.
        if (_state is null || CSharpCompletion.Declares(code))
        {
            _state = state;
            _completion.Add(code, compilation.References);
        }
        if (state.Exception is { } e)
            ExceptionDispatchInfo.Throw(e);
        return HasValue(compilation) ? new CellValue(true, state.ReturnValue) : CellValue.None;
    }

    public IReadOnlyList<Variable> Variables() =>
        [
            .. (_state?.Variables ?? [])
                .GroupBy(v => v.Name, StringComparer.Ordinal)
                .Select(g => g.Last())
                .OrderBy(v => v.Name, StringComparer.Ordinal)
                .Select(v => new Variable(v.Name, v.Type, v.Value)),
        ];

    public void Set(string name, object? value, Type type)
    {
        if (!SyntaxFacts.IsValidIdentifier(name))
            throw CellException.Magic($"'{name}' is not a C# name.");
        var declared = TypeNames.Nameable(type, t => Referenced(t.Assembly));
        var key = SharedValues.Put(value);
        var code =
            $"{TypeNames.CSharp(declared)} @{name} = ({TypeNames.CSharp(declared)})Recipes.Notebook.Cells.SharedValues.Take({key})!;";
        RunAsync(code, "shared value", CancellationToken.None).GetAwaiter().GetResult();
    }

    public void AddReferences(IReadOnlyList<string> paths) =>
        _options = _options.AddReferences(paths.Select(p => MetadataReference.CreateFromFile(p, documentation: Documentation.Of(p))));

    public Completions Complete(string code, int cursor, CancellationToken cancellation) =>
        _completion.Complete(code, cursor, _options.MetadataReferences, cancellation);

    public MimeBundle? Inspect(string code, int cursor, CancellationToken cancellation) =>
        _completion.Inspect(code, cursor, _options.MetadataReferences, cancellation);

    public Completeness IsComplete(string code)
    {
        var tree = CSharpSyntaxTree.ParseText(code, CSharpCompletion.Parsing);
        if (!SyntaxFactory.IsCompleteSubmission(tree))
            return Completeness.Incomplete;
        return tree.GetDiagnostics().Any(d => d.Severity == DiagnosticSeverity.Error) ? Completeness.Invalid : Completeness.Complete;
    }

    private static void Check(IEnumerable<Diagnostic> diagnostics)
    {
        string[] errors =
        [
            .. diagnostics
                .Where(d => d.Severity == DiagnosticSeverity.Error)
                .Select(d =>
                {
                    var place = d.Location.GetMappedLineSpan();
                    return $"({place.StartLinePosition.Line + 1},{place.StartLinePosition.Character + 1}): error {d.Id}: {d.GetMessage()}";
                }),
        ];
        if (errors.Length > 0)
            throw CellException.Compilation(errors);
    }

    public void Dispose() => _loader.Dispose();

    // The last statement is an expression without a semicolon, and gives something.
    private static bool HasValue(Compilation compilation)
    {
        var tree = compilation.SyntaxTrees.Last();
        return tree.GetRoot() is CompilationUnitSyntax root
            && root.Members.LastOrDefault()
                is GlobalStatementSyntax { Statement: ExpressionStatementSyntax { SemicolonToken.IsMissing: true } last }
            && compilation.GetSemanticModel(tree).GetTypeInfo(last.Expression).Type is not { SpecialType: SpecialType.System_Void };
    }

    // Types that F# cells declare live in assemblies without a file: their metadata is read from memory.
    private bool Referenced(Assembly assembly)
    {
        if (assembly.IsDynamic || assembly.GetName().Name!.StartsWith('ℛ'))
            return false;
        if (assembly.Location.Length > 0)
        {
            if (
                !CellReferences.Framework.Contains(assembly.Location)
                && !CellReferences.Ours.Contains(assembly.Location)
                && _registered.Add(assembly.Location)
            )
                AddReferences([assembly.Location]);
            return true;
        }
        if (_registered.Add(assembly.FullName!))
        {
            if (MemoryMetadata.Of(assembly) is not { } metadata)
                return false;
            _loader.RegisterDependency(assembly);
            _options = _options.AddReferences(metadata);
        }
        return true;
    }
}
